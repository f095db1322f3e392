import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { Action } from './action.ts';
import { countedDays, today } from './day.ts';

/** How often something has happened on a day, `2030-01-31` in UTC. */
export type CountedDay = { day: string; action: Action; times: number };

/**
 * The last `countedDays` days, oldest first, by the database's clock; and how often each of these actions has happened in an
 * organization on each of them. Sign-ins are those of who was a member then. What has not happened is not there.
 */
export async function countDays(
  db: Database,
  organizationId: string,
  actions: readonly Action[],
): Promise<{ days: string[]; counted: CountedDay[] }> {
  const rows = await db.query<{ day: string; action: Action | null; times: number }>(sql`
    with span as (
      select day::date from generate_series(
        ${today} - ${countedDays - 1}::integer, ${today}, interval '1 day') as day
    )
    select to_char(span.day, 'YYYY-MM-DD') as day, action, coalesce(sum(times), 0)::float8 as times
    from span left join audit_days on audit_days.chain_id = ${organizationId}::uuid
      and audit_days.day = span.day and action = any (${actions}::text[])
    group by span.day, action order by span.day, action`);
  return {
    days: [...new Set(rows.map(({ day }) => day))],
    counted: rows.filter((row): row is CountedDay => row.action !== null),
  };
}
