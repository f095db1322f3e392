import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import type { Client } from '../../clients/client.ts';
import type { SigningKey } from '../../keys/key-ring.ts';
import type { Log } from '../../log.ts';
import type { TokenFormat } from '../../secret.ts';
import type { LiveApiToken } from '../../tokens/check.ts';
import { accessTokenType, exchangeGrant, jwtType } from '../../urn.ts';
import { registrationOf } from '../client-store.ts';
import { longestLineage } from '../lineage.ts';
import type { Instance } from '../model.ts';
import type { ReachFinder } from '../reach.ts';
import { resourceServerInfo } from '../resource-server.ts';
import type { ResourceSource } from '../resource-source.ts';
import { readScope } from '../scope.ts';
import { accessTokenSubject, apiTokenSubject, type Subject } from './subject.ts';

/** What the grant stands on. */
export type ExchangeOptions = {
  /** An access token of ours, opaque or JWT, that is alive in every way. */
  findLive: (text: string) => Promise<Instance | undefined>;
  /** A live API token that may be used from anywhere: what is got for it could be. */
  findApiToken: (text: string) => Promise<LiveApiToken | undefined>;
  /** Remembers that an API token was exchanged. */
  recordUse: (ctx: KoaContextWithOIDC, token: LiveApiToken) => void;
  findReach: ReachFinder;
  findResource: ResourceSource;
  signingKeys: readonly SigningKey[];
  /**
   * What the new token is bound to: the client's certificate, or the key that the request's DPoP proof shows. Throws for a
   * bad proof, and where one that is demanded is missing.
   */
  proveBinding: (ctx: KoaContextWithOIDC) => Promise<Binding>;
  format: TokenFormat;
  log: Log;
};

/** What a token's `cnf` says (RFC 9449 section 6.1, RFC 8705 section 3.1). */
export type Binding = { jkt: string | undefined; 'x5t#S256': string | undefined };

/** The parameters of RFC 8693 section 2.1. */
export const tokenExchangeParameters = [
  'resource',
  'audience',
  'scope',
  'requested_token_type',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
];

type Parameters = Record<string, string | string[] | undefined>;

/**
 * Exchanges an access token or API token for an access token that another API takes (RFC 8693). Scope and audience only
 * narrow, to what the person may do at the new one's API besides; the new token ends with the old one at the latest, and
 * dies with everything that the old one stands on, and as soon as its person may not do all of it any more. An API token
 * is nobody's `actor_token`: it speaks for a person, and who acts is a program.
 */
function exchangeToken(options: ExchangeOptions): (ctx: KoaContextWithOIDC) => Promise<void> {
  return async (ctx) => {
    const params = (ctx.oidc.params ?? {}) as Parameters;
    const client = registrationOf(ctx.oidc.client as never);
    const refuse = (reason: string): never => {
      options.log.info({ client_id: client.id, reason }, 'refused an exchange');
      throw new errors.InvalidRequest(reason);
    };
    const subjectText =
      tokenParameter(params, 'subject') ?? refuse('subject_token and subject_token_type are required');
    const actorText = tokenParameter(params, 'actor');
    if (!ctx.oidc.client || ctx.oidc.client.clientAuthMethod === 'none')
      refuse('this client does not authenticate');
    const apiToken = await options.findApiToken(subjectText);
    const subject =
      (apiToken ? apiTokenSubject(apiToken) : await findSubject(options, subjectText)) ??
      refuse('subject_token is not valid');
    const actor =
      actorText === undefined
        ? undefined
        : ((await options.findLive(actorText)) ?? refuse('actor_token is not valid'));
    if (!mayAct(subject, actor, client)) refuse('the subject does not let this actor act');

    const uri = findTarget(options, client, subject, params);
    const resource = (await options.findResource(uri)) ?? unknownTarget(options, client, subject, uri);
    const scope = narrowScope(client.allowed[uri] ?? [], await subject.scopesFor(uri), params.scope);
    const type =
      issuedType(params.requested_token_type, resource.accessTokenFormat) ??
      refuse('requested_token_type is not offered');
    const lineage = subject.lineageFor({ resource: uri, scopes: readScope(scope) });
    if (lineage.length > longestLineage) refuse('the token has been exchanged too often');

    const { provider } = ctx.oidc;
    const info = resourceServerInfo(client, resource, options.signingKeys);
    const act = actor ? actorClaim(actor, subject.act) : subject.act;
    if (subject.remainingSeconds <= 0) refuse('subject_token is not valid');
    const { jkt, 'x5t#S256': x5t } = await options.proveBinding(ctx);
    if (jkt && x5t) refuse('a token is bound to a key or to a certificate, not to both');
    if (subject.isBound && !jkt && !x5t) refuse('subject_token is bound, so the new one must be too');
    const token: Instance = new provider.AccessToken({
      accountId: subject.accountId,
      client: ctx.oidc.client,
      gty: exchangeGrant,
      scope,
      expiresIn: Math.min(info.accessTokenTTL, subject.remainingSeconds),
      extra: { lineage, ...subject.authentication, ...(act !== undefined && { act }) },
      ...(jkt && { jkt }),
      ...(x5t && { 'x5t#S256': x5t }),
    } as never);
    token.resourceServer = new provider.ResourceServer(uri, info as never);
    ctx.oidc.entity('AccessToken', token);
    const value = await token.save();
    if (apiToken) {
      ctx.state.person = { id: apiToken.holderId, email: apiToken.holderEmail };
      options.recordUse(ctx, apiToken);
    }
    ctx.body = {
      access_token: value,
      issued_token_type: type,
      token_type: token.tokenType,
      expires_in: token.expiration,
      scope,
    };
  };
}

/** Adds the grant to an engine. */
export function registerTokenExchange(provider: Provider, options: ExchangeOptions): void {
  provider.registerGrantType(exchangeGrant, exchangeToken(options) as never, tokenExchangeParameters, [
    'resource',
    'audience',
  ]);
}

async function findSubject(options: ExchangeOptions, text: string): Promise<Subject | undefined> {
  const token = await options.findLive(text);
  return token && accessTokenSubject(token, { text, ...options });
}

/** A token parameter with its type, which must come together (RFC 8693 section 2.1). */
function tokenParameter(params: Parameters, role: 'subject' | 'actor'): string | undefined {
  const text = params[`${role}_token`];
  const type = params[`${role}_token_type`];
  if (text === undefined && type === undefined) return undefined;
  if (typeof text !== 'string' || typeof type !== 'string') {
    throw new errors.InvalidRequest(`${role}_token and ${role}_token_type belong together`);
  }
  if (type !== accessTokenType && type !== jwtType) {
    throw new errors.InvalidRequest(`${role}_token_type is not offered`);
  }
  return text;
}

/** The one API that the new token is for, from `resource` or `audience`; it must be on the client's list. */
function findTarget(options: ExchangeOptions, client: Client, subject: Subject, params: Parameters): string {
  const asked = [...new Set([params.resource, params.audience].flat().filter((uri) => uri !== undefined))];
  if (asked.length > 1) throw new errors.InvalidTarget('ask for one resource');
  const uri = asked[0] ?? client.defaultResource ?? '';
  const exchanges = client.exchanges ?? {};
  const targets = subject.resources.flatMap((from) =>
    Object.hasOwn(exchanges, from) ? (exchanges[from] ?? []) : [],
  );
  if (targets.includes(uri) && Object.hasOwn(client.allowed, uri)) return uri;
  return unknownTarget(options, client, subject, uri);
}

function unknownTarget({ log }: ExchangeOptions, client: Client, subject: Subject, uri: string): never {
  log.info(
    { client_id: client.id, from: subject.resources, to: uri.slice(0, 500) },
    'refused an exchange: not on the list',
  );
  throw new errors.InvalidTarget('this client may not exchange such a token for this resource');
}

/** What the subject's token, the client and the request allow together; never more than the subject's token. */
function narrowScope(
  allowed: readonly string[],
  own: readonly string[],
  asked: string | string[] | undefined,
): string {
  const held = own.filter((scope) => allowed.includes(scope));
  const wanted = readScope(asked);
  const missing = wanted.find((scope) => !held.includes(scope));
  if (missing !== undefined) throw new errors.InvalidScope('requested scope is not allowed', missing);
  const scope = wanted.length > 0 ? wanted : held;
  if (scope.length === 0) throw new errors.InvalidScope('the subject token has no scope that fits', '');
  return scope.join(' ');
}

function issuedType(requested: string | string[] | undefined, format: 'opaque' | 'jwt'): string | undefined {
  if (requested === undefined || requested === accessTokenType) return accessTokenType;
  return requested === jwtType && format === 'jwt' ? jwtType : undefined;
}

/** RFC 8693 section 4.1: the actor outermost, those before it within. */
function actorClaim(actor: Instance, before: unknown): Record<string, unknown> {
  return { sub: subjectOf(actor), client_id: actor.clientId, ...(before ? { act: before } : {}) };
}

/** RFC 8693 section 4.4: where the subject's token names who may act, nobody else may: neither actor nor client. */
function mayAct(subject: Subject, actor: Instance | undefined, client: Client): boolean {
  const named = subject.mayAct;
  if (typeof named !== 'object' || named === null) return true;
  const claims = named as { sub?: unknown; client_id?: unknown };
  const who = actor
    ? { sub: subjectOf(actor), client_id: actor.clientId }
    : { sub: client.id, client_id: client.id };
  return (
    (claims.sub !== undefined || claims.client_id !== undefined) &&
    (claims.sub === undefined || claims.sub === who.sub) &&
    (claims.client_id === undefined || claims.client_id === who.client_id)
  );
}

function subjectOf(token: Instance): string {
  return token.accountId ?? token.clientId;
}
