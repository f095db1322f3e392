import type { Context, Middleware } from 'koa';
import { AppError } from '../errors.ts';

/** Answers one request. */
export type Handler = (ctx: Context) => Promise<void> | void;

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;
type Method = (typeof methods)[number];

/** What a path answers with when something fails, and how it answers each method. HEAD is answered by GET. */
export type Route = { answers: 'html' | 'json' } & { [method in Method]?: Handler };

/**
 * Absolute paths, spelled exactly as they are matched. One that ends in `/*` stands for every path below it that has no
 * route of its own; what stood in place of the star is `restOf(ctx)`.
 */
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
  const subtrees = Object.keys(routes).filter((path) => path.endsWith('/*'));
  return async (ctx) => {
    const path = table.has(ctx.path) ? ctx.path : subtrees.find((subtree) => isBelow(ctx.path, subtree));
    const route = path === undefined ? undefined : table.get(path);
    if (path === undefined || route === undefined) throw new AppError('not_found');
    ctx.state.route = path;
    ctx.state.rest = ctx.path.slice(path.length - 1);
    ctx.state.answers = route.answers;
    const method = methods.find((name) => name === (ctx.method === 'HEAD' ? 'GET' : ctx.method));
    const handler = method && route[method];
    if (handler !== undefined) return handler(ctx);
    const headers = { Allow: allowed(route) };
    if (ctx.method !== 'OPTIONS') throw new AppError('method_not_allowed', undefined, { headers });
    ctx.set(headers);
    ctx.status = 204;
  };
}

/** What the star of the route stood for: at least one character, as the caller spelled it. */
export function restOf(ctx: Context): string {
  return ctx.state.rest;
}

function isBelow(path: string, subtree: string): boolean {
  return path.length >= subtree.length && path.startsWith(subtree.slice(0, -1));
}

function allowed(route: Route): string {
  const names = methods.filter((name) => route[name]);
  return [...names.map((name) => (name === 'GET' ? 'GET, HEAD' : name)), 'OPTIONS'].join(', ');
}
