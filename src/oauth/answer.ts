import type { Context } from 'koa';
import { errors, type Provider } from 'oidc-provider';
import { AppError } from '../errors.ts';
import { deviceGrant } from '../urn.ts';

/** RFC 6749 section 5.2: who could not authenticate learns nothing else, whatever the reason was. */
const authenticationFailed = 'Client authentication failed';

const events = [
  'grant.error',
  'device_authorization.error',
  'introspection.error',
  'revocation.error',
  'discovery.error',
  'jwks.error',
  'server_error',
];

/** Keeps the error behind an answer of the engine in `ctx.state.failure`. */
export function keepFailures(provider: Provider): void {
  for (const event of events) {
    provider.on(event as 'grant.error', (ctx, error) => {
      ctx.state.failure = error;
    });
  }
}

/** The wire's answer to a client that could not authenticate, with the challenge that every 401 has (RFC 9110 section 15.5.2). */
export function refuseClient(ctx: Context, issuer: string): void {
  ctx.status = 401;
  ctx.set('WWW-Authenticate', `Basic realm="${issuer}"`);
  ctx.body = { error: 'invalid_client', error_description: authenticationFailed };
}

/**
 * Gives the engine's refusals the codes and status that the RFCs spell. A failure of ours (the database away) is thrown
 * on, since it is no refusal.
 */
export function correctAnswer(ctx: Context, issuer: string): void {
  const failure: unknown = ctx.state.failure;
  if (failure === undefined) return;
  if (!(failure instanceof errors.OIDCProviderError)) {
    throw failure instanceof AppError ? failure : new AppError('internal', undefined, { cause: failure });
  }
  const { client, params } = (ctx as unknown as Context & { oidc: EngineContext }).oidc;
  const code = failure.error;
  if (failure.statusCode === 401 || code === 'invalid_client' || code === 'invalid_client_metadata') {
    refuseClient(ctx, issuer);
    return;
  }
  const body = ctx.body as Record<string, unknown>;
  const grantType = ctx.oidc?.route === 'device_authorization' ? deviceGrant : params?.grant_type;
  const isGrantRefused =
    code === 'invalid_request' &&
    typeof grantType === 'string' &&
    client?.grantTypeAllowed(grantType) === false;
  if (isGrantRefused) {
    body.error = 'unauthorized_client';
    body.error_description = 'this client may not use this grant type';
  }
  if (code === 'slow_down') body.interval = ctx.state.pollInterval;
  const isPending = code === 'slow_down' || code === 'authorization_pending';
  if (isPending && ctx.state.verificationNumber) body.verification_number = ctx.state.verificationNumber;
  if (typeof body.error_description === 'string') body.error_description = legal(body.error_description);
}

/** Only the characters that RFC 6749 section 5.2 allows in a description. */
export function legal(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'");
}

type EngineContext = {
  client?: { grantTypeAllowed(type: string): boolean };
  params?: Record<string, unknown>;
};
