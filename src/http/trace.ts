import type { Context } from 'koa';
import { addressOf } from './client-address.ts';
import { requestIdOf } from './request-id.ts';

/** Where a request came from, as it is written down; the agent is the caller's own word, at most 200 characters. */
export type Trace = { address: string; agent: string; requestId: string };

/** Where this request came from. */
export function traceOf(ctx: Context): Trace {
  return { address: addressOf(ctx), agent: ctx.get('User-Agent').slice(0, 200), requestId: requestIdOf(ctx) };
}
