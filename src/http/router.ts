import type { Context, Middleware } from 'koa';
import { AppError } from '../errors.ts';

/** Answers one request. */
export type Handler = (ctx: Context) => Promise<void> | void;

/** What a path answers with when something fails, and how it answers each method. HEAD is answered by GET. */
export type Route = { answers: 'html' | 'json'; GET?: Handler; POST?: Handler };

/** Absolute paths, spelled exactly as they are matched. */
export type Routes = Readonly<Record<string, Route>>;

/** The same routes under a base path (`''` or `/some/path`); its root answers with and without the slash. */
export function mountRoutes(base: string, routes: Routes): Routes {
  const mounted = Object.entries(routes).map(([path, route]) => [base + path, route] as const);
  const root = routes['/'];
  return { ...Object.fromEntries(mounted), ...(root && base && { [base]: root }) };
}

/**
 * Hands a request to its route and names it in `ctx.state.route`. Case counts, and so does a slash at the end. Throws
 * AppError `not_found`, or `method_not_allowed` with `Allow`.
 */
export function router(routes: Routes): Middleware {
  const table = new Map(Object.entries(routes));
  return async (ctx) => {
    const route = table.get(ctx.path);
    if (route === undefined) throw new AppError('not_found');
    ctx.state.route = ctx.path;
    ctx.state.answers = route.answers;
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
    const handler = method === 'GET' || method === 'POST' ? route[method] : undefined;
    if (handler !== undefined) return handler(ctx);
    const headers = { Allow: allowed(route) };
    if (method !== 'OPTIONS') throw new AppError('method_not_allowed', undefined, { headers });
    ctx.set(headers);
    ctx.status = 204;
  };
}

function allowed(route: Route): string {
  return [route.GET && 'GET, HEAD', route.POST && 'POST', 'OPTIONS'].filter(Boolean).join(', ');
}
