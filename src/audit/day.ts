import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import type { PlainEvent } from './event.ts';

/** How many days are counted, today among them. */
export const countedDays = 30;

/** The day that the database's clock shows in UTC. */
export const today = sql`(now() at time zone 'utc')::date`;

/** The statement that counts events of a chain. */
export function counting(chainId: string, events: readonly (PlainEvent & { at: string })[]): Sql {
  const counted = Map.groupBy(events, (event) => JSON.stringify([subjectOf(event), event.action]));
  const days = [...counted].map(([key, same]) => {
    const [subject, action] = JSON.parse(key) as [string, string];
    return { subject, action, at: same[0]?.at, times: same.reduce((sum, event) => sum + timesOf(event), 0) };
  });
  return sql`
    insert into audit_days (chain_id, subject, day, action, times)
    select ${chainId}::uuid, subject, (at at time zone 'utc')::date, action, times
    from json_to_recordset(${JSON.stringify(days)}::json) as day (
      subject text, at timestamptz, action text, times bigint
    )
    on conflict (chain_id, subject, day, action) do update set times = audit_days.times + excluded.times`;
}

function subjectOf({ targetKind, targetId }: PlainEvent): string {
  return targetKind === 'user' ? (targetId ?? '') : '';
}

// Not by the database: JSON may hold what its texts cannot.
function timesOf({ details }: PlainEvent): number {
  return (JSON.parse(details) as { times?: number }).times ?? 1;
}

/** Forgets the days that nobody can ask for any more, and tells how many rows that were. */
export async function sweepDays(db: Database): Promise<number> {
  const rows = await db.query(
    sql`delete from audit_days where day <= ${today} - ${countedDays}::integer returning 1`,
  );
  return rows.length;
}
