import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Disables every API token of a person, in each of their organizations, and tells how many were enabled. */
export async function disableTokensOfOwner(db: Database, ownerId: string): Promise<number> {
  const rows = await db.query(sql`
    update api_tokens set disabled_at = now()
    where owner_id = ${ownerId}::uuid and disabled_at is null
    returning 1`);
  return rows.length;
}
