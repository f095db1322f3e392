import type { Context, Middleware } from 'koa';
import type { Log } from '../log.ts';

/**
 * Writes one line for each request when its answer has gone out or its connection broke. Never a query, a header or a
 * body; `ctx.state.clientId` is named where somebody put it. What sets `ctx.state.isProbe` is written at debug level.
 */
export function accessLog(log: Log): Middleware {
  return (ctx, next) => {
    const start = performance.now();
    ctx.res.once('close', () => {
      log[ctx.state.isProbe ? 'debug' : 'info'](describe(ctx, performance.now() - start), 'request');
    });
    return next();
  };
}

function describe(ctx: Context, milliseconds: number) {
  const { requestId, address, clientId, route } = ctx.state;
  return {
    request_id: requestId,
    method: ctx.method,
    path: route ?? ctx.path.slice(0, 200),
    status: ctx.res.statusCode,
    ms: Math.round(milliseconds * 10) / 10,
    bytes: ctx.method === 'HEAD' ? 0 : Number(ctx.res.getHeader('content-length') ?? 0),
    address,
    ...(typeof clientId === 'string' && { client_id: clientId.slice(0, 100) }),
    ...(!ctx.res.writableFinished && { aborted: true }),
  };
}
