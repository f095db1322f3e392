import { decodeJwt } from 'jose';
import type { Context } from 'koa';
import { jwtAssertionType } from '../urn.ts';
import { parameterOf } from './request.ts';

/**
 * Credentials of a request, as far as their form goes. Who only says its name is a public client, or proves it by the
 * certificate of its connection (RFC 8705 section 2).
 */
export type PresentedClient =
  | { kind: 'confidential'; clientId: string; secret: string }
  | { kind: 'unproven'; clientId: string }
  | { kind: 'assertion'; clientId: string; assertion: string }
  | { kind: 'ambiguous' }
  | { kind: 'malformed' };

/**
 * Reads the client's credentials (RFC 6749 section 2.3.1) without judging them. `Basic id:` with an empty secret
 * only says a name. Two mechanisms at once, or two different ids, are ambiguous; nothing at all is malformed.
 */
export function presentedClient(ctx: Context): PresentedClient {
  const { authorization } = ctx.req.headers;
  const id = parameterOf(ctx, 'client_id');
  const secret = parameterOf(ctx, 'client_secret');
  if (credentialNames.some((name) => Array.isArray(ctx.state.form?.[name]))) return { kind: 'ambiguous' };
  const assertion = parameterOf(ctx, 'client_assertion');
  if (assertion !== undefined) {
    if (secret !== undefined || authorization !== undefined) return { kind: 'ambiguous' };
    return presentedAssertion(assertion, parameterOf(ctx, 'client_assertion_type'), id);
  }
  if (authorization === undefined) {
    if (id === undefined || !isVisible(id)) return { kind: 'malformed' };
    if (secret === undefined) return { kind: 'unproven', clientId: id };
    return isVisible(secret) ? { kind: 'confidential', clientId: id, secret } : { kind: 'malformed' };
  }
  if (secret !== undefined) return { kind: 'ambiguous' };
  const basic = readBasic(authorization);
  if (!basic?.id) return { kind: 'malformed' };
  if (id !== undefined && id !== basic.id) return { kind: 'ambiguous' };
  if (basic.secret === '') return { kind: 'unproven', clientId: basic.id };
  return { kind: 'confidential', clientId: basic.id, secret: basic.secret };
}

const credentialNames = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];

/** Whose an assertion says that it is. The engine verifies that. */
function presentedAssertion(
  assertion: string,
  type: string | undefined,
  id: string | undefined,
): PresentedClient {
  if (type !== jwtAssertionType) return { kind: 'malformed' };
  try {
    const { sub } = decodeJwt(assertion);
    if (!sub || !isVisible(sub)) return { kind: 'malformed' };
    if (id !== undefined && id !== sub) return { kind: 'ambiguous' };
    return { kind: 'assertion', clientId: sub, assertion };
  } catch {
    return { kind: 'malformed' };
  }
}

/** Id and secret of a Basic header: base64 of two form-urlencoded texts of visible ASCII with a colon between. */
function readBasic(header: string): { id: string; secret: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  if (!encoded || encoded.replace(/=+$/, '').length % 4 === 1) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const id = decodePart(text.slice(0, colon));
  const secret = decodePart(text.slice(colon + 1));
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

function decodePart(part: string): string | undefined {
  try {
    const text = decodeURIComponent(part.replaceAll('+', '%20'));
    return isVisible(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Visible ASCII and spaces: what RFC 6749 appendix A allows in a client id and a client secret. */
function isVisible(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
