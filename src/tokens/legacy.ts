import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { legacyDigest } from './check.ts';

/** A credential of an earlier system: its UUID, the SHA-256 of its secret key, and whose it was. */
export type LegacyCredential = {
  id: string;
  secretDigest: Uint8Array;
  /** The owner's address as users have it. */
  ownerEmail: string;
  name: string;
};

/**
 * What became of a credential, and the token that it is now. `identity_provider`: its owner signs in there only, and gets
 * none.
 */
export type LegacyOutcome =
  | { outcome: 'imported'; tokenId: string }
  | { outcome: 'exists' | 'not_a_member' | 'identity_provider'; tokenId?: undefined };

/**
 * Imports credentials into an organization, each as a whole or not at all, and tells the outcomes in their order; one
 * round trip. One that has been imported before, or comes twice, `exists`, whatever else the second says.
 */
export async function importLegacyTokens(
  db: Database,
  organizationId: string,
  credentials: readonly LegacyCredential[],
): Promise<LegacyOutcome[]> {
  const rows = await db.query<{ outcome: LegacyOutcome['outcome']; token_id: string }>(sql`
    with line as (
      select * from unnest(
        ${credentials.map(({ id }) => id)}::uuid[],
        ${credentials.map(({ id, secretDigest }) => legacyDigest(id, secretDigest))}::bytea[],
        ${credentials.map(({ ownerEmail }) => ownerEmail)}::text[],
        ${credentials.map(({ name }) => name)}::text[]
      ) with ordinality as line (legacy_id, digest, email, name, position)
    ), judged as (
      select line.*, members.user_id as owner_id, federated.user_id is not null as requires_identity_provider,
        exists (select from api_tokens where api_tokens.legacy_id = line.legacy_id) as is_known,
        row_number() over (
          partition by line.legacy_id, members.user_id is not null and federated.user_id is null
          order by position
        ) as turn
      from line
        left join users on users.email = line.email
        left join members on members.user_id = users.id and members.organization_id = ${organizationId}::uuid
        left join identity_provider_members as federated
          on federated.user_id = members.user_id and federated.organization_id = members.organization_id
    ), chosen as (
      select * from judged
      where owner_id is not null and not requires_identity_provider and turn = 1
    ), token as (
      insert into api_tokens (organization_id, owner_id, kind, name, legacy_id)
      select ${organizationId}::uuid, owner_id, 'legacy', name, legacy_id from chosen order by legacy_id
      on conflict (legacy_id) do nothing
      returning id, legacy_id
    ), value as (
      insert into api_token_values (digest, token_id, organization_id, holder_id)
      select digest, token.id, ${organizationId}::uuid, owner_id from token join chosen using (legacy_id)
    )
    select
      case
        when is_known then 'exists'
        when owner_id is null then 'not_a_member'
        when requires_identity_provider then 'identity_provider'
        when turn = 1 and token.id is not null then 'imported'
        else 'exists'
      end as outcome,
      token.id as token_id
    from judged left join token using (legacy_id)
    order by position`);
  return rows.map(({ outcome, token_id }) =>
    outcome === 'imported' ? { outcome, tokenId: token_id } : { outcome },
  );
}
