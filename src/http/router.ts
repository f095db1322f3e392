import type { Context, Middleware } from 'koa';
import { AppError } from '../errors.ts';

/** Answers one request. */
export type Handler = (ctx: Context) => Promise<void> | void;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof methods)[number];

/**
 * What a path answers with when something fails (a page, the JSON of OAuth, or problem details), and how it answers each
 * method; HEAD is answered by GET. Without any method it is not found, in its own language.
 */
export type Route = { answers: 'html' | 'json' | 'problem' } & { [method in Method]?: Handler };

/**
 * Absolute paths, spelled exactly as they are matched. A segment `{name}` stands for any one segment, which
 * `paramsOf(ctx)` has decoded; a last segment `*` for the rest of the path, which `restOf(ctx)` has as it came. A path
 * that says more of itself comes first.
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
  const find = createFinder(Object.keys(routes));
  return async (ctx) => {
    const found = find(ctx.path);
    const route = found && routes[found.path];
    if (route === undefined) throw new AppError('not_found');
    Object.assign(ctx.state, { route: found?.path, params: found?.params, answers: route.answers });
    const method = methods.find((name) => name === (ctx.method === 'HEAD' ? 'GET' : ctx.method));
    const handler = method && route[method];
    if (handler !== undefined) return handler(ctx);
    if (!methods.some((name) => route[name])) throw new AppError('not_found');
    const headers = { Allow: allowed(route) };
    if (ctx.method !== 'OPTIONS') throw new AppError('method_not_allowed', undefined, { headers });
    ctx.set(headers);
    ctx.status = 204;
  };
}

/** The route that a path leads to, by the same rules. */
export function findRoute(routes: Routes, path: string): Route | undefined {
  const found = createFinder(Object.keys(routes))(path);
  return found && routes[found.path];
}

/** What the named segments of the route stood for. AppError `not_found` for one that is not well-formed UTF-8. */
export function paramsOf(ctx: Context): Record<string, string> {
  try {
    const { '*': _, ...params } = ctx.state.params as Record<string, string>;
    return Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch (cause) {
    throw new AppError('not_found', undefined, { cause });
  }
}

/** What the star of the route stood for: at least one character, as the caller spelled it. */
export function restOf(ctx: Context): string {
  return ctx.state.params['*'];
}

type Found = { path: string; params: Record<string, string> };

function createFinder(paths: string[]): (path: string) => Found | undefined {
  const literal = new Set(paths.filter((path) => !isPattern(path)));
  const patterns = paths
    .filter(isPattern)
    .sort((one, other) => vagueness(one) - vagueness(other))
    .map((path) => ({ path, names: segmentsOf(path).filter(isOpen), shape: shapeOf(path) }));
  return (path) => {
    if (literal.has(path)) return { path, params: {} };
    for (const pattern of patterns) {
      const match = pattern.shape.exec(path);
      if (!match) continue;
      const params = pattern.names.map((name, index) => [name.replace(/[{}]/g, ''), match[index + 1]]);
      return { path: pattern.path, params: Object.fromEntries(params) };
    }
    return undefined;
  };
}

function segmentsOf(path: string): string[] {
  return path.split('/');
}

function isOpen(segment: string): boolean {
  return segment === '*' || /^\{\w+\}$/.test(segment);
}

function isPattern(path: string): boolean {
  return segmentsOf(path).some(isOpen);
}

/** A star says less than any number of names. */
function vagueness(path: string): number {
  return segmentsOf(path).reduce(
    (sum, segment) => sum + (segment === '*' ? 100 : isOpen(segment) ? 1 : 0),
    0,
  );
}

function shapeOf(path: string): RegExp {
  const parts = segmentsOf(path).map((segment) => {
    if (segment === '*') return '(.+)';
    return isOpen(segment) ? '([^/]+)' : RegExp.escape(segment);
  });
  return new RegExp(`^${parts.join('/')}$`);
}

function allowed(route: Route): string {
  const names = methods.filter((name) => route[name]);
  return [...names.map((name) => (name === 'GET' ? 'GET, HEAD' : name)), 'OPTIONS'].join(', ');
}
