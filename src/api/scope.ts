import { ownApi } from '../../views/words/en/own-api.ts';
import { hasScope } from '../scopes.ts';
import type { Caller } from '../verify/caller.ts';

/** The scopes of the management API, with the least role that has each without being given it. */
export const apiScopes = {
  'tokens:read': 'member',
  'tokens:write': 'member',
  'tokens:manage': 'administrator',
  'members:read': 'member',
  'members:write': 'administrator',
  'organization:read': 'member',
  'organization:write': 'administrator',
  'clients:read': 'member',
  'clients:write': 'administrator',
  'grants:read': 'member',
  'grants:write': 'member',
  'sessions:read': 'member',
  'sessions:write': 'member',
  'resources:read': 'member',
  'policies:read': 'member',
  'policies:write': 'administrator',
  'audit:read': 'administrator',
  'keys:read': 'member',
  'keys:write': 'operator',
  'resources:write': 'operator',
} as const;

/** The name of a scope of the management API. */
export type ApiScope = keyof typeof apiScopes;

/** The scopes as the resource is registered with them. */
export const apiRoleScopes = Object.entries(apiScopes).map(([scope, role]) => ({
  scope,
  description: ownApi.scopes[scope as ApiScope],
  role,
}));

/** Whether the caller may do what an operation of the management API asks for. */
export function mayCall(caller: Caller, resource: string, scope: ApiScope): boolean {
  return hasScope(caller.permissions, { resource, scope });
}

/** The URI of the management API as a resource (RFC 8707): the audience of tokens for it. */
export function apiResource(issuer: string): string {
  return `${issuer}/api`;
}
