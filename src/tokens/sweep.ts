import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Tokens that have been disabled or expired for a week are removed. */
const keptAfterEndDays = 7;

/** Removes up to `most` tokens and tells how many. Any number of servers may sweep at once. */
export async function sweepApiTokens(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from api_tokens where id in (
      select id from api_tokens
      where least(disabled_at, expires_at) < now() - make_interval(days => ${keptAfterEndDays})
        and (disabled_at is not null or expires_at is not null)
      limit ${most} for update skip locked
    )
    returning id`);
  return rows.length;
}

/** Removes up to `most` texts that were replaced and have ended, and tells how many. */
export async function sweepValues(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from api_token_values where digest in (
      select digest from api_token_values where expires_at < now() limit ${most} for update skip locked
    )
    returning digest`);
  return rows.length;
}
