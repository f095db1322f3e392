import type { Context } from 'koa';
import type { AuditLog } from '../audit/audit-log.ts';
import { credentialRefused } from '../audit/event.ts';
import { AppError } from '../errors.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { type Handler, paramsOf } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Limits } from '../limits/limits.ts';
import type { Database } from '../postgres/pool.ts';
import type { Caller } from '../verify/caller.ts';
import { entityTag, namesState, namesTag } from './entity-tag.ts';
import { callersAct } from './events.ts';
import { doOnce } from './idempotency.ts';
import { type Input, readInput } from './input.ts';
import type { Answer, Call, Operation } from './operation.ts';
import { type Quotas, spendRequest } from './quota.ts';
import { mayCall } from './scope.ts';

/** What every operation stands on. */
export type EndpointOptions = {
  db: Database;
  limits: Limits;
  quotas: Quotas;
  audit: AuditLog;
  /** The URI of this API, whose scopes count. */
  resource: string;
  /** Who calls; AppError `not_signed_in` or `bad_request`, with the challenge, where nobody or two do. */
  authenticate(ctx: Context): Promise<Caller>;
};

/** An operation as a handler, step by step. */
export function createEndpoint(options: EndpointOptions, operation: Operation): Handler {
  return async (ctx) => {
    const caller = await authenticate(ctx, options);
    await spendRequest(ctx, options, operation, caller);
    authorize(caller, operation, options);
    const input = await readInput(ctx, operation, paramsOf(ctx));
    const answer = await perform(ctx, options, operation, caller, input);
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
    if (allowance.allowed) {
      audit.note(credentialRefused(traceOf(ctx)));
      await limits.fail('api_credential_by_address', network);
      throw error;
    }
    const headers = { 'Retry-After': String(allowance.retryAfterSeconds) };
    throw new AppError('too_many_requests', undefined, { headers });
  }
}

function authorize(caller: Caller, { scope }: Operation, { resource }: EndpointOptions): void {
  if (scope === undefined || mayCall(caller, resource, scope)) return;
  throw new AppError('forbidden', `This needs the permission ${scope}`, {
    headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  });
}

/** What changes something is one transaction, and happens once for each `Idempotency-Key`. */
async function perform(
  ctx: Context,
  { db, audit, resource }: EndpointOptions,
  operation: Operation,
  caller: Caller,
  input: Input,
): Promise<Answer> {
  const condition = ctx.get('If-Match');
  const call = (db: Database): Call => ({
    db,
    caller,
    may: (scope) => mayCall(caller, resource, scope),
    ...input,
    matches: (representation) => condition === '' || namesState(condition, representation),
    ...traceOf(ctx),
    record: (act) => audit.record(db, callersAct(caller, act, traceOf(ctx))),
  });
  if (operation.method === 'GET') return await operation.handle(call(db));
  const key = operation.method === 'POST' ? readIdempotencyKey(ctx) : undefined;
  if (key === undefined) return await db.transaction((tx) => operation.handle(call(tx)));
  const request = JSON.stringify([operation.id, input]);
  return await doOnce(db, { key, caller, request }, (tx) => operation.handle(call(tx)));
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
