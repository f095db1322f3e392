import type { Context } from 'koa';
import type { AuditLog } from '../audit/audit-log.ts';
import { credentialRefused } from '../audit/event.ts';
import { clientMetadata, type MetadataRefusal } from '../clients/client-metadata.ts';
import {
  type Disabled,
  findRegisteredClient,
  type Issuing,
  type RegisteredClient,
  registerClient,
  removeRegisteredClient,
  type UnknownToken,
  updateRegisteredClient,
} from '../clients/registered-client.ts';
import { AppError, tooManyRequests } from '../errors.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { readJson } from '../http/json.ts';
import { type Handler, type Routes, restOf } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Limits } from '../limits/limits.ts';
import type { Database } from '../postgres/pool.ts';
import type { TokenKind } from '../secret.ts';
import { legal } from './answer.ts';
import { presentedBearer, refuseBearer } from './bearer.ts';
import { paths } from './settings.ts';

/** What registration stands on. */
export type RegistrationOptions = Issuing & { issuer: string; db: Database; limits: Limits; audit: AuditLog };

/**
 * Dynamic client registration (RFC 7591) behind an initial access token, and its management (RFC 7592) behind the
 * token that the client got with it.
 */
export function registrationRoutes(options: RegistrationOptions): Routes {
  const { db } = options;
  const register = guarded(options, 'it', async (ctx, token) => {
    const metadata = await readJson(ctx.req);
    const work = (tx: Database) => registerClient(tx, token, metadata, options);
    return tell(ctx, options, 201, await recorded(ctx, options, 'client.registered', work));
  });
  const read = guarded(options, 'ra', async (ctx, token) =>
    tell(ctx, options, 200, await findRegisteredClient(db, restOf(ctx), token)),
  );
  const update = guarded(options, 'ra', async (ctx, token) => {
    const request = { id: restOf(ctx), token, metadata: await readJson(ctx.req) };
    const work = (tx: Database) => updateRegisteredClient(tx, request, options);
    return tell(ctx, options, 200, await recorded(ctx, options, 'client.updated', work));
  });
  const remove = guarded(options, 'ra', async (ctx, token) => {
    const work = (tx: Database) => removeRegisteredClient(tx, restOf(ctx), token);
    const removed = await recorded(ctx, options, 'client.removed', work);
    if ('refusal' in removed) return removed;
    ctx.status = 204;
    return undefined;
  });
  return {
    [paths.registration]: { answers: 'json', POST: register },
    [`${paths.registration}/*`]: { answers: 'json', GET: read, PUT: update, DELETE: remove },
  };
}

/** Does `work` and writes it down in one transaction, unless it was refused. The program itself has done it. */
function recorded<Done extends RegisteredClient | { removed: true } | Refused>(
  ctx: Context,
  { db, audit }: RegistrationOptions,
  action: 'client.registered' | 'client.updated' | 'client.removed',
  work: (tx: Database) => Promise<Done>,
): Promise<Done> {
  return db.transaction(async (tx) => {
    const done = await work(tx);
    if ('refusal' in done) return done;
    const { id, name } = 'client' in done ? done.client : { id: restOf(ctx), name: undefined };
    const actor = { kind: 'program' as const, id, name };
    await audit.record(tx, { action, actor, target: { kind: 'client', id, name }, origin: traceOf(ctx) });
    return done;
  });
}

type Refused = UnknownToken | Disabled | MetadataRefusal;

/** Lets `work` answer for who shows a token of this kind, and answers for its refusals. Wrong tokens are counted. */
function guarded(
  { issuer, limits, audit, format }: RegistrationOptions,
  kind: TokenKind,
  work: (ctx: Context, token: string) => Promise<Refused | undefined>,
): Handler {
  return async (ctx) => {
    const network = addressPrefix(addressOf(ctx));
    const allowance = limits.check('registration_by_address', network);
    if (!allowance.allowed) throw tooManyRequests(allowance.retryAfterSeconds);
    const token = presentedBearer(ctx, format, kind);
    const refused: Refused | undefined =
      token === undefined ? { refusal: 'unknown_token' } : await work(ctx, token);
    switch (refused?.refusal) {
      case 'unknown_token':
        refuseBearer(ctx, issuer);
        if (ctx.req.headers.authorization === undefined) return;
        audit.note(credentialRefused(traceOf(ctx)));
        await limits.fail('registration_by_address', network);
        return;
      case 'disabled':
        throw new AppError('forbidden');
      case 'metadata':
        ctx.status = 400;
        ctx.body = { error: refused.error, error_description: legal(refused.description) };
    }
  };
}

/** Answers with the client information response (RFC 7591 section 3.2.1), or hands a refusal on. */
function tell(
  ctx: Context,
  { issuer }: RegistrationOptions,
  status: number,
  outcome: RegisteredClient | Refused,
): Refused | undefined {
  if ('refusal' in outcome) return outcome;
  const { client, about, token, secret } = outcome;
  ctx.state.clientId = client.id;
  ctx.status = status;
  ctx.set('Pragma', 'no-cache');
  ctx.body = {
    ...clientMetadata(client, about),
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    ...(secret !== undefined && { client_secret: secret, client_secret_expires_at: 0 }),
    registration_client_uri: `${issuer}${paths.registration}/${client.id}`,
    registration_access_token: token,
  };
  return undefined;
}
