import type { Context } from 'koa';
import { credentialRefused } from '../audit/event.ts';
import { AppError, tooManyRequests } from '../errors.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { namesTag } from '../http/condition.ts';
import { type Handler, paramsOf } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Limits } from '../limits/limits.ts';
import type { Caller } from '../verify/caller.ts';
import { entityTag } from './entity-tag.ts';
import { readInput } from './input.ts';
import { authorize, type Ground, perform } from './invocation.ts';
import type { Answer, Operation } from './operation.ts';
import { type Quotas, spendRequest } from './quota.ts';

/** What every operation stands on. */
export type EndpointOptions = Ground & {
  limits: Limits;
  quotas: Quotas;
  /** Who calls; AppError `not_signed_in` or `bad_request`, with the challenge, where nobody or two do. */
  authenticate(ctx: Context): Promise<Caller>;
  /** Hands the new id of a session to its browser. */
  keepSession(ctx: Context, id: string): void;
};

/** An operation as a handler, step by step. */
export function createEndpoint(options: EndpointOptions, operation: Operation): Handler {
  return async (ctx) => {
    const caller = await authenticate(ctx, options);
    await spendRequest(ctx, options, operation, caller);
    authorize(options, operation, caller, schemeOf(ctx));
    const input = await readInput(ctx, operation, paramsOf(ctx));
    const condition = readCondition(ctx, operation);
    const key = operation.method === 'POST' ? readIdempotencyKey(ctx) : undefined;
    const answer = await perform(options, operation, { caller, input, condition, key, trace: traceOf(ctx) });
    if (answer.session !== undefined) options.keepSession(ctx, answer.session);
    send(ctx, answer);
  };
}

/** Wrong credentials are counted by network, and then told to wait; a good one is let in from anywhere at any time. */
async function authenticate(ctx: Context, { limits, audit, authenticate }: EndpointOptions): Promise<Caller> {
  try {
    return await authenticate(ctx);
  } catch (error) {
    if (!ctx.state.isCredentialWrong) throw error;
    const network = addressPrefix(addressOf(ctx));
    const allowance = limits.check('api_credential_by_address', network);
    if (!allowance.allowed) throw tooManyRequests(allowance.retryAfterSeconds);
    audit.note(credentialRefused(traceOf(ctx)));
    await limits.fail('api_credential_by_address', network);
    throw error;
  }
}

/** The scheme that a challenge answers with (RFC 9449 section 7.1). */
function schemeOf(ctx: Context): 'Bearer' | 'DPoP' {
  return /^dpop /i.test(ctx.get('Authorization')) ? 'DPoP' : 'Bearer';
}

/** Nothing is done on a condition that nobody looks at (RFC 9110 section 13.1.1). */
function readCondition(ctx: Context, { method, result }: Operation): string {
  const condition = ctx.get('If-Match');
  const isLookedAt = (method === 'PATCH' || method === 'PUT') && result !== undefined;
  if (condition === '' || method === 'GET' || isLookedAt) return condition;
  throw new AppError('bad_request', 'If-Match is not looked at here; send none');
}

function readIdempotencyKey(ctx: Context): string | undefined {
  const key = ctx.get('Idempotency-Key');
  if (key === '') return undefined;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AppError('bad_request', 'Write an Idempotency-Key of 1 to 255 visible characters');
}

function send(ctx: Context, answer: Answer): void {
  ctx.status = answer.status;
  if (answer.status === 204) return;
  if (answer.location !== undefined) ctx.set('Location', answer.location);
  ctx.type = 'application/json';
  ctx.body = JSON.stringify(answer.body);
  // What a POST answers is no representation of its own address (RFC 9110 section 8.8.3).
  if (ctx.method === 'POST') return;
  const tag = entityTag(answer.body);
  ctx.set('ETag', tag);
  const condition = ctx.get('If-None-Match');
  const isReading = ctx.method === 'GET' || ctx.method === 'HEAD';
  if (isReading && condition !== '' && namesTag(condition, tag)) ctx.status = 304;
}
