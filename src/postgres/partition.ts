import type { Database } from './pool.ts';
import { sql } from './sql.ts';
import { isPartitionMissing, sqlstate } from './sqlstate.ts';

const day = 86_400_000;

/** A table partitioned by day (UTC) of the tokens' issue, or of their end; rows end by `expires_at`. */
export type PartitionedTable = 'access_tokens' | 'refresh_tokens' | 'revoked_tokens';

/**
 * Makes the partition for the day of `at`, for the month of it in the audit log, if it is not there. Any number of
 * servers may do so at once.
 */
export async function addPartition(
  db: Database,
  table: PartitionedTable | 'audit_events',
  at: Date,
): Promise<void> {
  const { start, end, suffix } = table === 'audit_events' ? monthOf(at) : dayOf(at);
  const name = sql.identifier(`${table}_${suffix.replaceAll('-', '')}`);
  try {
    await db.query(
      sql`create table if not exists ${name} partition of ${sql.identifier(table)}
          for values from (${sql.day(start)}) to (${sql.day(end)})`,
    );
  } catch (error) {
    // 42P07 and 23505: another server made it between the check and the act.
    if (sqlstate(error) !== '42P07' && sqlstate(error) !== '23505') throw error;
  }
}

/**
 * Drops the partitions of past days in which every row has been expired for an hour. Whichever server gets the lock
 * does the work, the others return at once. Returns the names of those dropped.
 */
export async function dropExpiredPartitions(db: Database, table: PartitionedTable): Promise<string[]> {
  return await db.transaction(async (tx) => {
    const [lock] = await tx.query<{ got: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtextextended(${`drop ${table}`}, 0)) as got`,
    );
    if (!lock?.got) return [];
    const partitions = await tx.query<{ name: string }>(
      sql`select inhrelid::regclass::text as name from pg_inherits
          where inhparent = ${table}::regclass
            and right(inhrelid::regclass::text, 8) < to_char(now() at time zone 'utc', 'YYYYMMDD')`,
    );
    const dropped: string[] = [];
    for (const { name } of partitions) {
      const partition = sql.identifier(name);
      const [live] = await tx.query(
        sql`select 1 from ${partition} where expires_at is null or expires_at > now() - interval '1 hour' limit 1`,
      );
      if (live) continue;
      await tx.query(sql`drop table ${partition}`);
      dropped.push(name);
    }
    return dropped;
  });
}

/** Runs `work`; when it finds no partition for its rows, makes those for `dates` and runs it once more. */
export async function withPartitions<Result>(
  db: Database,
  table: PartitionedTable,
  dates: () => Iterable<Date>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isPartitionMissing(error)) throw error;
    for (const date of dates()) await addPartition(db, table, date);
    return await work();
  }
}

type Span = { start: Date; end: Date; suffix: string };

function dayOf(at: Date): Span {
  const start = new Date(Math.floor(at.getTime() / day) * day);
  return { start, end: new Date(start.getTime() + day), suffix: start.toISOString().slice(0, 10) };
}

function monthOf(at: Date): Span {
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  const start = new Date(Date.UTC(year, month));
  return { start, end: new Date(Date.UTC(year, month + 1)), suffix: start.toISOString().slice(0, 7) };
}
