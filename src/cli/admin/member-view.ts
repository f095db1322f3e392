import type { Member } from '../../organizations/member.ts';
import { listPairs, type Scopes } from '../../scopes.ts';
import { card } from './table.ts';

/** A member for programs. */
export function memberJson(member: Member): Record<string, unknown> {
  return {
    id: member.userId,
    email: member.email,
    organization_id: member.organizationId,
    role: member.role,
    permissions: member.permissions,
    given: member.given,
    taken: member.taken,
    requires_identity_provider: member.requiresIdentityProvider,
    joined_at: member.joinedAt.toISOString(),
    disabled_at: member.disabledAt?.toISOString(),
  };
}

/** A member for people. */
export function memberCard(member: Member): string {
  return card([
    ['email', member.email],
    ['id', member.userId],
    ['role', member.role],
    ...scopeRows('may', member.permissions),
    ...scopeRows('given', member.given),
    ...scopeRows('taken', member.taken),
    ['signs in', member.requiresIdentityProvider ? 'by an identity provider alone' : undefined],
    ['joined', member.joinedAt.toISOString()],
    ['disabled', member.disabledAt?.toISOString()],
  ]);
}

function scopeRows(name: string, scopes: Scopes): [string, string][] {
  if (listPairs(scopes).length === 0) return [[name, 'none']];
  return Object.entries(scopes).map(([uri, names]) => [name, `${uri}  ${names.join(' ')}`]);
}
