import { addPartition } from '../postgres/partition.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Makes the partitions of this month and the next two, by the database's clock. Any number of servers may do so at once. */
export async function addEventPartitions(db: Database): Promise<void> {
  const months = await db.query<{ month: Date }>(sql`
    select date_trunc('month', now() at time zone 'utc') at time zone 'utc' as month
    union all select (date_trunc('month', now() at time zone 'utc') + interval '1 month') at time zone 'utc'
    union all select (date_trunc('month', now() at time zone 'utc') + interval '2 months') at time zone 'utc'
    order by month`);
  for (const { month } of months) await addPartition(db, 'audit_events', month);
}

/** Names of the partitions whose months were over `days` ago, oldest first. */
export async function listOldPartitions(db: Database, days: number): Promise<string[]> {
  const rows = await db.query<{ name: string }>(sql`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'audit_events'::regclass
      and right(inhrelid::regclass::text, 6)
        < to_char((now() - make_interval(days => ${days})) at time zone 'utc', 'YYYYMM')
    order by name`);
  return rows.map(({ name }) => name);
}
