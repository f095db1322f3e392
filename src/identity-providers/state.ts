import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';

/** Takes the `state` of a provider's answer, once: false for everybody who comes later with the same. */
export async function spendState(db: Database, state: string, keptSeconds: number): Promise<boolean> {
  const rows = await db.query(sql`
    insert into spent_states (digest, expires_at)
    values (${sha256(state)}, now() + make_interval(secs => ${keptSeconds}))
    on conflict do nothing
    returning 1`);
  return rows.length > 0;
}

/** Removes up to `most` states that no answer can have any more, and tells how many. Any number of servers may sweep at once. */
export async function sweepStates(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from spent_states where digest in (
      select digest from spent_states where expires_at < now() limit ${most} for update skip locked
    )
    returning 1`);
  return rows.length;
}
