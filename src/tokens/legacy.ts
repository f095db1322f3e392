import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { isUniqueViolation } from '../postgres/sqlstate.ts';
import { legacyDigest } from './check.ts';

/** A credential of an earlier system: its UUID, and the SHA-256 of its secret key. */
export type LegacyCredential = {
  organizationId: string;
  ownerId: string;
  id: string;
  secretDigest: Uint8Array;
  name: string;
};

/** What became of a credential. `identity_provider`: its owner signs in there only, and gets none. */
export type LegacyOutcome = 'imported' | 'exists' | 'not_a_member' | 'identity_provider';

/** Imports one credential; a second time it `exists`, whatever else the second says. */
export async function importLegacyToken(db: Database, credential: LegacyCredential): Promise<LegacyOutcome> {
  const { organizationId, ownerId, id, name } = credential;
  const digest = legacyDigest(id, credential.secretDigest);
  try {
    const [row] = await db.query<{ imported: boolean; requires_identity_provider: boolean | null }>(sql`
      with owner as (
        select * from members where organization_id = ${organizationId}::uuid and user_id = ${ownerId}::uuid
      ), token as (
        insert into api_tokens (organization_id, owner_id, kind, name, legacy_id)
        select organization_id, user_id, 'legacy', ${name}, ${id}::uuid
        from owner where not requires_identity_provider
        returning id, owner_id
      ), value as (
        insert into api_token_values (digest, token_id, holder_id) select ${digest}, id, owner_id from token
      )
      select exists (select from token) as imported,
        (select requires_identity_provider from owner) as requires_identity_provider`);
    if (row?.imported) return 'imported';
    return row?.requires_identity_provider === null ? 'not_a_member' : 'identity_provider';
  } catch (error) {
    if (isUniqueViolation(error)) return 'exists';
    throw error;
  }
}
