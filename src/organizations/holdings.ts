import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** What ends when a member is removed: their API tokens, and the devices and apps that they have signed in. */
export type Holdings = { tokens: number; devices: number };

/** What a member has in an organization. */
export async function countHoldings(
  db: Database,
  { organizationId, userId }: { organizationId: string; userId: string },
): Promise<Holdings> {
  const [row] = await db.query<Holdings>(sql`
    select
      (
        select count(*)::float8 from api_tokens
        where organization_id = ${organizationId}::uuid and owner_id = ${userId}::uuid
      ) as tokens,
      (
        select count(*)::float8 from grants
        where organization_id = ${organizationId}::uuid and account_id = ${userId} and expires_at > now()
      ) as devices`);
  return row as Holdings;
}
