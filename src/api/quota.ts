import type { Context } from 'koa';
import { configurationError } from '../config.ts';
import { tooManyRequests } from '../errors.ts';
import type { Limits } from '../limits/limits.ts';
import type { Caller } from '../verify/caller.ts';
import type { Operation } from './operation.ts';

/** How many requests a minute each credential may send: to all operations together, and to some by themselves. */
export type Quotas = { requestsAMinute: number; byOperation: Readonly<Record<string, number>> };

const seconds = 60;

/** AppError `configuration` where a quota is for an operation that there is not. */
export function checkQuotas({ byOperation }: Quotas, operations: readonly Operation[]): void {
  const known = new Set(operations.map(({ id }) => id));
  const unknown = Object.keys(byOperation).filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  throw configurationError([`POSTERN_API_RATE_LIMITS: there is no operation ${unknown.join(', ')}`]);
}

/**
 * Counts a request for its credential, on all servers together, and says so in the answer (draft-ietf-httpapi-ratelimit-
 * headers-10). AppError `too_many_requests` when there were too many.
 */
export async function spendRequest(
  ctx: Context,
  { limits, quotas }: { limits: Limits; quotas: Quotas },
  operation: Operation,
  caller: Caller,
): Promise<void> {
  const own = Object.hasOwn(quotas.byOperation, operation.id) ? quotas.byOperation[operation.id] : undefined;
  const requests = own ?? quotas.requestsAMinute;
  const name = own === undefined ? 'default' : operation.id;
  const spent = await limits.spend({ requests, seconds }, name, caller.credentialId);
  ctx.set('RateLimit-Policy', `"${name}";q=${requests};w=${seconds}`);
  ctx.set('RateLimit', `"${name}";r=${spent.remaining};t=${spent.resetSeconds}`);
  if (spent.isOver) throw tooManyRequests(Math.max(1, spent.resetSeconds));
}
