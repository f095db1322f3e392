import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Trust } from './client-address.ts';

const wellFormed = /^[A-Za-z0-9._-]{8,64}$/;

/**
 * Names the request in `ctx.state.requestId` (for `requestIdOf`) and in `X-Request-Id` of the answer. The name that
 * arrives is kept only if a trusted proxy sent it and it is 8 to 64 letters, digits, dots, dashes or underscores.
 */
export function requestId(trust: Trust): Middleware {
  return (ctx, next) => {
    const given = ctx.get('X-Request-Id');
    const isKept = wellFormed.test(given) && trust(ctx.req.socket.remoteAddress ?? '');
    ctx.state.requestId = isKept ? given : randomUUID();
    ctx.set('X-Request-Id', ctx.state.requestId);
    return next();
  };
}

/** The name that `requestId` gave this request. */
export function requestIdOf(ctx: Pick<Context, 'state'>): string {
  return ctx.state.requestId;
}
