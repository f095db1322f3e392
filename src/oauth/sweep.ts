import type { Clock } from '../clock.ts';
import { addPartition, dropExpiredPartitions, type PartitionedTable } from '../postgres/partition.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { SweepTask } from '../postgres/sweep.ts';

const tokenTables: PartitionedTable[] = ['access_tokens', 'refresh_tokens'];

/** Expired rows stay this long, so that a late poll still hears `expired_token`. */
const keptAfterExpiry = sql`interval '1 hour'`;

/** What `oauth/` cleans up: partitions made ahead and dropped when all in them is over, other rows in small batches. */
export function oauthSweepTasks(db: Database, clock: Clock): SweepTask[] {
  return [
    { name: 'token partitions', run: () => addPartitionsAhead(db, clock) },
    ...[...tokenTables, 'revoked_tokens' as const].map((table) => ({
      name: table,
      run: () => dropExpiredPartitions(db, table),
    })),
    ...(['device_codes', 'grants', 'records'] as const).map((table) => ({
      name: table,
      run: () => sweepExpired(db, table),
    })),
  ];
}

/** Makes today's and tomorrow's partitions, so that no request has to. */
export async function addPartitionsAhead(db: Database, clock: Clock): Promise<void> {
  const now = clock.now();
  const tomorrow = new Date(now.getTime() + 86_400_000);
  for (const table of tokenTables) for (const at of [now, tomorrow]) await addPartition(db, table, at);
}

/** Removes up to a thousand rows that expired an hour ago, and tells how many. Any number of servers may sweep at once. */
export async function sweepExpired(
  db: Database,
  table: 'device_codes' | 'grants' | 'records',
): Promise<number> {
  const target = sql.identifier(table);
  const rows = await db.query(
    sql`delete from ${target} where ctid = any (array(
          select ctid from ${target} where expires_at < now() - ${keptAfterExpiry}
          order by expires_at limit 1000 for update skip locked))
        returning 1`,
  );
  return rows.length;
}
