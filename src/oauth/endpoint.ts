import type { Context } from 'koa';
import type { AuditLog } from '../audit/audit-log.ts';
import { AppError, tooManyRequests } from '../errors.ts';
import { addressOf, addressPrefix, readAddress } from '../http/client-address.ts';
import type { Handler } from '../http/router.ts';
import type { Limits } from '../limits/limits.ts';
import type { Database } from '../postgres/pool.ts';
import type { TokenFormat } from '../secret.ts';
import { textDigest } from '../tokens/check.ts';
import { jwtAssertionType } from '../urn.ts';
import { correctAnswer, refuseClient } from './answer.ts';
import { type PresentedClient, presentedClient } from './client-authentication.ts';
import { answerDeviceAuthorization } from './device-authorization.ts';
import { withdrawDeviceCode } from './device-code-store.ts';
import { endApiTokenValue, noteDeviceRequest, noteIssuedToken, noteUnknownClient } from './events.ts';
import { tokenExchangeParameters } from './grants/token-exchange.ts';
import type { Host } from './host.ts';
import { isJwtShaped } from './jwt.ts';
import type { MutualTls } from './mutual-tls.ts';
import { presentedApiToken } from './presented-api-token.ts';
import { presentedJwt } from './presented-jwt.ts';
import { redeem } from './redeem.ts';
import { parameterOf, presentForm, readParameters } from './request.ts';
import { paths } from './settings.ts';

/** What the protocol's endpoints stand on. */
export type EndpointOptions = {
  issuer: string;
  db: Database;
  host: Host;
  limits: Limits;
  format: TokenFormat;
  mutualTls: MutualTls;
  audit: AuditLog;
  /** How many device authorizations one network may ask for in five minutes. */
  deviceRequestsOfNetwork: number;
  /** Told of each client that has authenticated. */
  noteUse(clientId: string): void;
  /** Told of each grant under which a client has got a token, and where it did. */
  noteGrantUse(grantId: string, address: string): void;
};

/** POST /oauth/token (RFC 6749 section 3.2). */
export function tokenEndpoint(options: EndpointOptions): Handler {
  return protocolEndpoint(options, {
    only: ['grant_type', 'device_code', 'refresh_token', ...tokenExchangeParameters],
    answer: async (ctx) => {
      ctx.set('Pragma', 'no-cache');
      await redeem(ctx, options.db, () => runEngine(ctx, options, paths.token));
      const grantId = noteIssuedToken(options.audit, ctx);
      if (grantId !== undefined) options.noteGrantUse(grantId, addressOf(ctx));
      if (ctx.state.unknownDeviceCode) await options.limits.fail('device_code_by_address', networkOf(ctx));
    },
  });
}

/**
 * POST /oauth/device_authorization (RFC 8628 section 3.1). Takes the parameters of that section, `resource`, and a DPoP
 * proof or `dpop_jkt`.
 */
export function deviceAuthorizationEndpoint(options: EndpointOptions): Handler {
  return protocolEndpoint(options, {
    only: ['scope', 'resource', 'dpop_jkt'],
    answer: async (ctx) => {
      await spendDeviceRequest(ctx, options);
      await runEngine(ctx, options, paths.deviceAuthorization);
      answerDeviceAuthorization(ctx);
      noteDeviceRequest(options.audit, ctx);
    },
  });
}

/**
 * POST /oauth/introspect (RFC 7662 section 2), signed for those who ask (RFC 9701). Takes `client_ip_address` besides:
 * where the request came from that presented the token, which tokens with address ranges depend on.
 */
export function introspectionEndpoint(options: EndpointOptions): Handler {
  return protocolEndpoint(options, {
    accepts: 'application/token-introspection+jwt',
    only: ['token', 'token_type_hint', 'client_ip_address'],
    change: (ctx) => {
      ctx.state.presentedFrom = presenterAddress(ctx);
      return presentToken(ctx, options.format);
    },
    answer: (ctx) => runEngine(ctx, options, paths.introspection),
  });
}

/**
 * POST /oauth/revoke (RFC 7009 section 2). Takes a pending device code too: a login that was broken off; and API tokens,
 * which no client was issued: whoever holds the text of one ends that text.
 */
export function revocationEndpoint(options: EndpointOptions): Handler {
  return protocolEndpoint(options, {
    only: ['token', 'token_type_hint'],
    change: (ctx) => presentToken(ctx, options.format),
    answer: async (ctx) => {
      const token = parameterOf(ctx, 'token');
      await runEngine(ctx, options, paths.revocation);
      if (ctx.status !== 200 || token === undefined) return;
      const isDeviceCode = options.format.parse(token)?.kind === 'dc';
      if (isDeviceCode) await withdrawDeviceCode(options.db, token, ctx.state.clientId);
      const digest: Buffer | undefined = ctx.state.apiTokenDigest;
      if (digest) await endApiTokenValue(options.db, options.audit, ctx, digest);
    },
  });
}

type Endpoint = {
  /** The parameters that the engine gets to see, besides the client's credentials. Others are ignored, as RFC 6749 section 3.2 has it. */
  only: string[];
  /** A type that the endpoint answers with where it is asked for, besides JSON. */
  accepts?: string;
  /** Parameters to replace before the engine sees them. */
  change?: (ctx: Context) => Record<string, string>;
  answer: (ctx: Context) => Promise<void>;
};

/** Every endpoint that a client authenticates at, step by step. */
function protocolEndpoint(options: EndpointOptions, endpoint: Endpoint): Handler {
  return async (ctx) => {
    answerJsonOnly(ctx, endpoint.accepts);
    const form = await readParameters(ctx);
    const client = presentedClient(ctx);
    if (client.kind === 'ambiguous')
      throw new AppError('bad_request', 'Give one client_id and one kind of credentials');
    if (client.kind === 'malformed') return refuseClient(ctx, options.issuer);
    ctx.state.clientId = client.clientId;
    refuseGuessing(ctx, options.limits, client.clientId);
    const known = { ...form, pairs: form.pairs.filter(([name]) => endpoint.only.includes(name)) };
    presentForm(ctx, known, { ...presentCredentials(ctx, client), ...endpoint.change?.(ctx) });
    await endpoint.answer(ctx);
    if (ctx.status === 200) options.noteUse(client.clientId);
    if (ctx.status !== 401) return;
    noteUnknownClient(options.audit, ctx);
    await countGuess(ctx, options.limits, client.clientId);
  };
}

/** Costs no query; other processes learn of guesses with their own next failure. */
function refuseGuessing(ctx: Context, limits: Limits, clientId: string): void {
  const allowances = [
    limits.check('client_by_id_and_address', clientId, networkOf(ctx)),
    limits.check('client_by_address', networkOf(ctx)),
    limits.check('device_code_by_address', networkOf(ctx)),
  ];
  const waits = allowances.map((allowance) => (allowance.allowed ? 0 : allowance.retryAfterSeconds));
  const longest = Math.max(...waits);
  if (longest > 0) throw tooManyRequests(longest);
}

/** Anybody may ask for a code, and each takes room and luck from everybody's: AppError `too_many_requests` beyond a network's share. */
async function spendDeviceRequest(
  ctx: Context,
  { limits, deviceRequestsOfNetwork: requests }: EndpointOptions,
): Promise<void> {
  const quota = { requests, seconds: 300 };
  const { isOver, resetSeconds } = await limits.spend(quota, 'device_authorization', networkOf(ctx));
  if (isOver) throw tooManyRequests(Math.max(1, resetSeconds));
}

async function countGuess(ctx: Context, limits: Limits, clientId: string): Promise<void> {
  await limits.fail('client_by_id_and_address', clientId, networkOf(ctx));
  await limits.fail('client_by_address', networkOf(ctx));
}

function networkOf(ctx: Context): string {
  return addressPrefix(addressOf(ctx));
}

async function runEngine(ctx: Context, { host, issuer }: EndpointOptions, path: string): Promise<void> {
  await host.handle(ctx, path);
  correctAnswer(ctx, issuer);
  for (const name of ['Access-Control-Allow-Origin', 'Access-Control-Expose-Headers']) ctx.remove(name);
}

/** The engine would answer HTML to who prefers it, and 400 to a browser of another origin. */
function answerJsonOnly(ctx: Context, otherwise?: string): void {
  const isAsked = otherwise !== undefined && ctx.accepts('application/json', otherwise) === otherwise;
  ctx.req.headers.accept = isAsked ? otherwise : 'application/json';
  delete ctx.req.headers.origin;
}

/** Of the many spellings of a Basic header the engine refuses some, and with the wrong error; a form has only one. */
function presentCredentials(
  ctx: Context,
  client: Extract<PresentedClient, { clientId: string }>,
): Record<string, string> {
  delete ctx.req.headers.authorization;
  const { clientId: client_id } = client;
  switch (client.kind) {
    case 'unproven':
      return { client_id };
    case 'confidential':
      return { client_id, client_secret: client.secret };
    case 'assertion':
      return { client_id, client_assertion: client.assertion, client_assertion_type: jwtAssertionType };
  }
}

/**
 * JWTs and API tokens go to the engine under other names, which its models know (`readJwts`, `readApiTokens`): it refuses
 * to look at JWTs, and has no model for what people make. What is none of these and no token of ours is unknown.
 */
function presentToken(ctx: Context, format: TokenFormat): Record<string, string> {
  const token = ctx.state.form.token;
  if (typeof token !== 'string') return {};
  const digest = textDigest(token, format);
  if (digest) {
    ctx.state.apiTokenDigest = digest;
    return { token: presentedApiToken };
  }
  if (format.parse(token)) return {};
  if (!isJwtShaped(token)) return { token: 'unknown' };
  ctx.state.presentedJwt = token;
  return { token: presentedJwt };
}

function presenterAddress(ctx: Context): string | undefined {
  if (ctx.state.form.client_ip_address === undefined) return undefined;
  const address = readAddress(parameterOf(ctx, 'client_ip_address'));
  if (address === undefined) throw new AppError('bad_request', 'client_ip_address is not one IP address');
  return address;
}
