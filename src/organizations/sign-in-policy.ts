import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** How an organization's members must sign in to act there. */
export type SignInPolicy = { requiresIdentityProvider: boolean };

/** The policy of an organization that is there. */
export async function findSignInPolicy(
  db: Database,
  organizationId: string,
  { isLocked = false }: { isLocked?: boolean } = {},
): Promise<SignInPolicy> {
  if (isLocked) await db.query(sql`select from organizations where id = ${organizationId}::uuid for update`);
  const [row] = await db.query<{ requires_identity_provider: boolean }>(sql`
    select requires_identity_provider from organizations where id = ${organizationId}::uuid`);
  return { requiresIdentityProvider: row?.requires_identity_provider ?? false };
}

/**
 * Replaces the policy. What was begun with another sign-in counts there no more: sessions, what devices were allowed,
 * legacy tokens. Refused where no administrator could come in any more.
 */
export async function setSignInPolicy(
  db: Database,
  organizationId: string,
  { requiresIdentityProvider }: SignInPolicy,
): Promise<{ policy: SignInPolicy } | { refusal: 'nobody_could' }> {
  const rows = await db.query(sql`
    update organizations set requires_identity_provider = ${requiresIdentityProvider}
    where id = ${organizationId}::uuid and (
      not ${requiresIdentityProvider} or exists (
        select from members
          join users on users.id = members.user_id
          join identities on identities.user_id = members.user_id
          join accepted_identity_providers as accepted on accepted.provider_id = identities.provider_id
        where members.organization_id = organizations.id and accepted.organization_id = organizations.id
          and members.role = 'administrator' and members.disabled_at is null and users.disabled_at is null
      )
    )
    returning 1`);
  return rows.length > 0 ? { policy: { requiresIdentityProvider } } : { refusal: 'nobody_could' };
}
