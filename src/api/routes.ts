import type { Context } from 'koa';
import { mountRoutes, type Routes } from '../http/router.ts';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import { apiBase, createReference, type Reference } from './openapi.ts';
import type { Operation } from './operation.ts';
import { checkQuotas } from './quota.ts';

/**
 * Every operation at its place, and their reference; what is at none is not found, as problem details. AppError
 * `configuration` for a quota of none of them.
 */
export function createApiRoutes(
  options: EndpointOptions,
  operations: readonly Operation[],
  reference: Reference,
): Routes {
  checkQuotas(options.quotas, operations);
  // Made when somebody wants it: that takes a tenth of a second.
  let document: string | undefined;
  const routes: Record<string, Routes[string]> = {
    '/': { answers: 'problem' },
    '/*': { answers: 'problem' },
    '/openapi.json': {
      answers: 'problem',
      GET(ctx) {
        document ??= JSON.stringify(createReference(operations, reference));
        showDocument(ctx, document);
      },
    },
  };
  for (const operation of operations) {
    const { path, method } = operation;
    routes[path] = { ...routes[path], answers: 'problem', [method]: createEndpoint(options, operation) };
  }
  return mountRoutes(apiBase, routes);
}

/** Anybody may read it, from any page. */
function showDocument(ctx: Context, document: string): void {
  ctx.set({ 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' });
  ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
  ctx.type = 'application/json';
  ctx.body = document;
}
