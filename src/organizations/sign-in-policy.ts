import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { hasAbleAdministrator } from './able-administrator.ts';

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
 * legacy tokens. Refused where no administrator could come in any more; the caller rolls back.
 */
export async function setSignInPolicy(
  db: Database,
  organizationId: string,
  { requiresIdentityProvider }: SignInPolicy,
): Promise<{ policy: SignInPolicy } | { refusal: 'nobody_could' }> {
  await db.query(sql`
    update organizations set requires_identity_provider = ${requiresIdentityProvider}
    where id = ${organizationId}::uuid`);
  // Looked at behind the lock of the update: whoever was made a member or demoted meanwhile counts.
  if (requiresIdentityProvider && !(await hasAbleAdministrator(db, organizationId)))
    return { refusal: 'nobody_could' };
  return { policy: { requiresIdentityProvider } };
}

/** Whose own membership demands an identity provider, whatever the organization does; by address, at most `limit`. */
export async function listOwnlyRequired(
  db: Database,
  organizationId: string,
  limit = 100,
): Promise<string[]> {
  const rows = await db.query<{ email: string }>(sql`
    select email from members join users on users.id = members.user_id
    where organization_id = ${organizationId}::uuid and requires_identity_provider
    order by email limit ${limit}`);
  return rows.map(({ email }) => email);
}
