import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Removes up to `most` counters whose window is over, and tells how many. Any number of servers may sweep at once. */
export async function sweepLimits(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from rate_limits where key in (
      select key from rate_limits where expire < ceil(extract(epoch from now()) * 1000)::bigint
      order by expire limit ${most} for update skip locked
    )
    returning key`);
  return rows.length;
}
