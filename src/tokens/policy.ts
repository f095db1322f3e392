import type { Database } from '../postgres/pool.ts';
import { scopeRows, scopesObject } from '../postgres/scopes.ts';
import { sql } from '../postgres/sql.ts';
import { listExcess, listPairs, type Scopes } from '../scopes.ts';

/** What an organization demands of its tokens. */
export type TokenPolicy = {
  longestLifetimeSeconds: number | undefined;
  isExpiryRequired: boolean;
  isApprovalRequired: boolean;
  /** The only scopes that a token may have; any if absent. */
  permissions: Scopes | undefined;
};

/** A demand of the policy that a token does not meet. */
export type PolicyViolation =
  | { violation: 'expiry_required' }
  | { violation: 'lifetime_too_long'; longestLifetimeSeconds: number }
  | { violation: 'permission_not_allowed'; resource: string; scope: string };

/** The policy of an organization; one that demands nothing where none was set. */
export async function findTokenPolicy(
  db: Database,
  organizationId: string,
  { isLocked = false }: { isLocked?: boolean } = {},
): Promise<TokenPolicy> {
  // The policy may not be there to be locked; its organization is.
  if (isLocked) await db.query(sql`select from organizations where id = ${organizationId}::uuid for update`);
  const [row] = await db.query<PolicyRow>(sql`
    select policy.*,
      ${scopesObject(
        sql`select resource, scope from token_policy_scopes as allowed where allowed.organization_id = policy.organization_id`,
      )} as permissions
    from token_policies as policy where organization_id = ${organizationId}::uuid`);
  return {
    longestLifetimeSeconds: row?.longest_lifetime_seconds ?? undefined,
    isExpiryRequired: row?.is_expiry_required ?? false,
    isApprovalRequired: row?.is_approval_required ?? false,
    permissions: row?.is_scope_limited ? row.permissions : undefined,
  };
}

/** Replaces the policy; after a refusal the caller rolls back. What it allows no more is out of every token at once; lifetimes count from the next change on. */
export async function setTokenPolicy(
  db: Database,
  organizationId: string,
  policy: TokenPolicy,
): Promise<{ policy: TokenPolicy } | { refusal: 'unknown_scope' }> {
  const wanted = listPairs(policy.permissions ?? {}).length;
  return await db.transaction(async (tx) => {
    await tx.query(sql`
      insert into token_policies (
        organization_id, longest_lifetime_seconds, is_expiry_required, is_approval_required, is_scope_limited
      )
      values (
        ${organizationId}::uuid, ${policy.longestLifetimeSeconds}::integer, ${policy.isExpiryRequired},
        ${policy.isApprovalRequired}, ${policy.permissions !== undefined}
      )
      on conflict (organization_id) do update set
        longest_lifetime_seconds = excluded.longest_lifetime_seconds,
        is_expiry_required = excluded.is_expiry_required,
        is_approval_required = excluded.is_approval_required,
        is_scope_limited = excluded.is_scope_limited`);
    await tx.query(sql`delete from token_policy_scopes where organization_id = ${organizationId}::uuid`);
    const allowed = await tx.query(sql`
      insert into token_policy_scopes (organization_id, resource, scope)
      select ${organizationId}::uuid, resource, scope
      from ${scopeRows(policy.permissions ?? {})} join resource_scopes using (resource, scope)
      returning 1`);
    return allowed.length === wanted ? { policy } : { refusal: 'unknown_scope' };
  });
}

/** Every demand that a token would not meet, at this moment. */
export function listViolations(
  policy: TokenPolicy,
  token: { permissions: Scopes; expiresAt: Date | undefined },
  now: Date,
): PolicyViolation[] {
  const { longestLifetimeSeconds, isExpiryRequired } = policy;
  const violations: PolicyViolation[] = [];
  const isEndless = token.expiresAt === undefined;
  if (isEndless && (isExpiryRequired || longestLifetimeSeconds !== undefined)) {
    violations.push({ violation: 'expiry_required' });
  }
  if (
    token.expiresAt &&
    longestLifetimeSeconds !== undefined &&
    token.expiresAt.getTime() > now.getTime() + longestLifetimeSeconds * 1000
  ) {
    violations.push({ violation: 'lifetime_too_long', longestLifetimeSeconds });
  }
  const excess = policy.permissions ? listExcess(token.permissions, policy.permissions) : [];
  return [
    ...violations,
    ...excess.map((pair) => ({ violation: 'permission_not_allowed' as const, ...pair })),
  ];
}

type PolicyRow = {
  longest_lifetime_seconds: number | null;
  is_expiry_required: boolean;
  is_approval_required: boolean;
  is_scope_limited: boolean;
  permissions: Scopes;
};
