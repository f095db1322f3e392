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
    { name: 'device codes', run: () => sweepDeviceCodes(db) },
    { name: 'grants', run: () => sweepGrants(db) },
    { name: 'records', run: () => sweepRecords(db) },
  ];
}

/** Makes today's and tomorrow's partitions, so that no request has to. */
export async function addPartitionsAhead(db: Database, clock: Clock): Promise<void> {
  const now = clock.now();
  const tomorrow = new Date(now.getTime() + 86_400_000);
  for (const table of tokenTables) for (const at of [now, tomorrow]) await addPartition(db, table, at);
}

/** Removes up to a thousand device codes that expired an hour ago, and tells how many. */
export async function sweepDeviceCodes(db: Database): Promise<number> {
  const rows = await db.query(
    sql`delete from device_codes where digest in (
          select digest from device_codes where expires_at < now() - ${keptAfterExpiry}
          order by expires_at limit 1000 for update skip locked)
        returning 1`,
  );
  return rows.length;
}

/** Removes up to a thousand grants that ended an hour ago, and tells how many. */
export async function sweepGrants(db: Database): Promise<number> {
  const rows = await db.query(
    sql`delete from grants where id_digest in (
          select id_digest from grants where expires_at < now() - ${keptAfterExpiry}
          order by expires_at limit 1000 for update skip locked)
        returning 1`,
  );
  return rows.length;
}

/** Removes up to a thousand other records that expired an hour ago, and tells how many. */
export async function sweepRecords(db: Database): Promise<number> {
  const rows = await db.query(
    sql`delete from records where (model, id_digest) in (
          select model, id_digest from records where expires_at < now() - ${keptAfterExpiry}
          order by expires_at limit 1000 for update skip locked)
        returning 1`,
  );
  return rows.length;
}
