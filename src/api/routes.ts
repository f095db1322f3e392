import { mountRoutes, type Routes } from '../http/router.ts';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import type { Operation } from './operation.ts';

/** Where the management API begins, below the issuer. */
export const apiBase = '/api/v1';

/** Every operation at its place; what is at none is not found, as problem details. */
export function createApiRoutes(options: EndpointOptions, operations: readonly Operation[]): Routes {
  const routes: Record<string, Routes[string]> = { '/*': { answers: 'problem' } };
  for (const operation of operations) {
    const { path, method } = operation;
    routes[path] = { ...routes[path], answers: 'problem', [method]: createEndpoint(options, operation) };
  }
  return mountRoutes(apiBase, routes);
}
