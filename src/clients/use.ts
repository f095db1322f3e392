import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { createWriteBehind, type WriteBehind } from '../postgres/write-behind.ts';

/** When each client authenticated last; the latest of all processes wins. */
export type ClientUseRecorder = WriteBehind<Date>;

/** A recorder for one process. */
export function createClientUseRecorder(db: Database, log: Log): ClientUseRecorder {
  return createWriteBehind({ what: 'clients', log, write: (uses) => write(db, uses) });
}

async function write(db: Database, uses: [string, Date][]): Promise<void> {
  await db.query(sql`
    update clients set last_used_at = used_at
    from unnest(${uses.map(([id]) => id)}::text[], ${uses.map(([, at]) => at)}::timestamptz[]) as use (id, used_at)
    where clients.id = use.id and (last_used_at is null or last_used_at < used_at)`);
}
