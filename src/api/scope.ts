import { hasScope } from '../scopes.ts';
import type { Caller } from '../verify/caller.ts';

/** The scopes of the management API, what they mean in words, and the least role that has them without being given them. */
export const apiScopes = {
  'tokens:read': ['See your tokens and the shared ones', 'member'],
  'tokens:write': ['Make, change and remove your tokens', 'member'],
  'tokens:manage': ['See, change and remove all tokens of the organization', 'administrator'],
  'members:read': ['See who is in the organization', 'member'],
  'members:write': ['Invite, change and remove members', 'administrator'],
  'organization:read': ['See the organization', 'member'],
  'organization:write': ['Rename the organization', 'administrator'],
  'clients:read': ['See the programs of the organization', 'member'],
  'clients:write': ['Register, change and remove programs of the organization', 'administrator'],
  'grants:read': ['See the devices and apps that you signed in', 'member'],
  'grants:write': ['Sign out your devices and apps', 'member'],
  'sessions:read': ['See where you are signed in with a browser', 'member'],
  'sessions:write': ['End your sessions in browsers', 'member'],
  'resources:read': ['See the APIs and their scopes', 'member'],
  'policies:read': ['See what the organization demands of its tokens', 'member'],
  'policies:write': ['Change what the organization demands of its tokens', 'administrator'],
  'audit:read': ['Read the audit log of the organization', 'administrator'],
  'keys:read': ['See the public signing keys and their life', 'member'],
  'keys:write': ['Rotate and revoke signing keys', 'operator'],
  'resources:write': ['Register APIs', 'operator'],
} as const;

/** The name of a scope of the management API. */
export type ApiScope = keyof typeof apiScopes;

/** The scopes as the resource is registered with them. */
export const apiRoleScopes = Object.entries(apiScopes).map(([scope, [description, role]]) => ({
  scope,
  description,
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
