import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Whether somebody who administers the organization can sign in as it demands, and change its members. */
export async function hasAbleAdministrator(db: Database, organizationId: string): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 from able_administrators where organization_id = ${organizationId}::uuid limit 1`);
  return rows.length > 0;
}

/** Which organizations, at most `limit`, have nobody of that kind, by name. */
export async function listLockedOut(db: Database, limit = 1000): Promise<{ id: string; name: string }[]> {
  return await db.query<{ id: string; name: string }>(sql`
    select id, name from organizations
    where disabled_at is null
      and not exists (select from able_administrators as able where able.organization_id = organizations.id)
    order by name, id limit ${limit}`);
}
