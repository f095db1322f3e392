import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/**
 * What would act in an organization no more if it required an identity provider. Of its members: who has never signed in at
 * one that counts there, or is signed in otherwise now.
 */
export type OtherSignIns = { members: number; devices: number; legacyTokens: number };

/** How much acts there by another sign-in now; nothing of those who must have one already. */
export async function countOtherSignIns(db: Database, organizationId: string): Promise<OtherSignIns> {
  const [row] = await db.query<{ members: number; devices: number; legacy_tokens: number }>(sql`
    with accepted as (
      select provider_id from accepted_identity_providers where organization_id = ${organizationId}::uuid
    ), free as (
      select user_id, joined_at from live_memberships as members join users on users.id = user_id
      where organization_id = ${organizationId}::uuid and users.disabled_at is null
        and not exists (
          select from identity_provider_members as federated
          where federated.organization_id = members.organization_id and federated.user_id = members.user_id
        )
    )
    select
      (
        select count(*)::float8 from free
        where not exists (
            select from identities join accepted using (provider_id) where identities.user_id = free.user_id
          )
          or exists (
            select from sessions left join identity_providers as provider on provider.id = identity_provider
            where sessions.user_id = free.user_id and expires_at > now() and provider.disabled_at is null
              and coalesce(provider.organization_id, sessions.organization_id, ${organizationId}::uuid)
                = ${organizationId}::uuid
              and not exists (select from accepted where provider_id = identity_provider)
          )
      ) as members,
      (
        select count(*)::float8 from grants join free on user_id = account_id::uuid and joined_at <= created_at
        where organization_id = ${organizationId}::uuid and expires_at > now()
          and not exists (select from accepted where provider_id = identity_provider)
      ) as devices,
      (
        select count(*)::float8 from api_tokens join free on user_id = owner_id
        where organization_id = ${organizationId}::uuid and kind = 'legacy' and disabled_at is null
          and (expires_at is null or expires_at > now())
      ) as legacy_tokens`);
  const { members = 0, devices = 0, legacy_tokens: legacyTokens = 0 } = row ?? {};
  return { members, devices, legacyTokens };
}
