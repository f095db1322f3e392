import type { Middleware } from 'koa';
import { addressOf } from './client-address.ts';

const hearsay = ['forwarded', 'x-forwarded-port', 'x-forwarded-prefix', 'x-original-url', 'x-rewrite-url'];

/**
 * Makes every request look as if it had been sent to the issuer: whatever `Host`, `X-Forwarded-*` or an absolute
 * target say, code behind this that builds an address from the request builds the issuer's (with Koa's `proxy` on, its
 * scheme and `ctx.ip` too, since the forwarded headers are now our own). Wants `clientAddress` before it.
 */
export function pinOrigin(issuer: string): Middleware {
  const { host, protocol } = new URL(issuer);
  return (ctx, next) => {
    const { req } = ctx;
    for (const name of hearsay) delete req.headers[name];
    req.headers.host = host;
    req.headers['x-forwarded-host'] = host;
    req.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    req.headers['x-forwarded-for'] = addressOf(ctx);
    const target = originForm(req.url ?? '/');
    req.url = target;
    ctx.originalUrl = target;
    ctx.request.originalUrl = target;
    return next();
  };
}

/** Path and query of a request target (RFC 9112 section 3.2); what has neither becomes a path that no route has. */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const url = URL.parse(target);
  return url ? url.pathname + url.search : '/*';
}
