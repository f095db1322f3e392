import type { Place } from '../../views/navigation.ts';
import type { ApiScope } from '../api/scope.ts';

/**
 * The places of an account, in order, with the permission without which there is nothing to do at them. Only what the
 * navigation offers: what somebody may do, the management API decides.
 */
const needed: readonly [Place, ApiScope?][] = [
  ['/account'],
  ['/account/tokens', 'tokens:read'],
  ['/account/shared-tokens', 'tokens:read'],
  ['/account/devices'],
  ['/account/security'],
  ['/api/docs'],
  ['/device'],
  ['/admin', 'audit:read'],
  ['/admin/members', 'members:write'],
  ['/admin/tokens', 'tokens:manage'],
  ['/admin/clients', 'clients:write'],
  ['/admin/resources', 'clients:write'],
  ['/admin/keys', 'clients:write'],
  ['/admin/audit', 'audit:read'],
  ['/admin/policies', 'policies:write'],
];

/** The places that the navigation offers to who has these permissions. */
export function placesOf(permissions: readonly string[]): Place[] {
  return needed
    .filter(([, scope]) => scope === undefined || permissions.includes(scope))
    .map(([place]) => place);
}
