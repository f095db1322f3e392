import type { Context, Middleware } from 'koa';
import { readAddress } from './client-address.ts';

/**
 * Finds out who comes from this machine to the issuer by its own name: the connection is a loopback one, and `Host` is
 * the issuer's, which a page of another site whose name leads here cannot send. Wants to run before `pinOrigin`.
 */
export function localVisitor(issuer: string): Middleware {
  const { host } = new URL(issuer);
  return (ctx, next) => {
    const peer = readAddress(ctx.req.socket.remoteAddress) ?? '';
    const isLoopback = peer === '::1' || peer.startsWith('127.');
    ctx.state.isLocalVisitor = isLoopback && ctx.req.headers.host === host && isNavigation(ctx);
    return next();
  };
}

/** Whether a person of this machine has opened a page here, as `localVisitor` has found. */
export function isLocalVisitor(ctx: Pick<Context, 'state'>): boolean {
  return ctx.state.isLocalVisitor === true;
}

/** Pictures, frames and scripts of other sites come without our cookies: each would begin a session. */
function isNavigation(ctx: Context): boolean {
  return ['', 'document'].includes(ctx.get('Sec-Fetch-Dest'));
}
