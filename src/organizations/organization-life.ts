import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** From now on nothing of the organization counts: no membership, token, program or approval. False if there is none. */
export async function disableOrganization(db: Database, id: string): Promise<boolean> {
  const rows = await db.query(sql`
    update organizations set disabled_at = coalesce(disabled_at, now()) where id = ${id}::uuid returning id`);
  return rows.length > 0;
}

/** Undoes `disableOrganization`: all is as before. False if there is no such organization. */
export async function enableOrganization(db: Database, id: string): Promise<boolean> {
  const rows = await db.query(
    sql`update organizations set disabled_at = null where id = ${id}::uuid returning id`,
  );
  return rows.length > 0;
}

/**
 * Deletes the organization for good with its memberships, tokens, programs, invitations and policy, and what was approved
 * in it. Its people stay, and so does what has happened in it. False if there is no such organization.
 */
export async function removeOrganization(db: Database, id: string): Promise<boolean> {
  const rows = await db.query(sql`delete from organizations where id = ${id}::uuid returning id`);
  return rows.length > 0;
}

/** How much belongs to an organization. */
export type Belongings = { members: number; tokens: number; clients: number; grants: number };

/** Counts what `removeOrganization` would end; grants only as far as they have not run out. */
export async function countBelongings(db: Database, id: string): Promise<Belongings> {
  const [row] = await db.query<Belongings>(sql`
    select
      (select count(*)::int from members where organization_id = ${id}::uuid) as members,
      (select count(*)::int from api_tokens where organization_id = ${id}::uuid) as tokens,
      (select count(*)::int from clients where organization_id = ${id}::uuid) as clients,
      (select count(*)::int from grants where organization_id = ${id}::uuid and expires_at > now()) as grants`);
  return row as Belongings;
}
