import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { Action } from './action.ts';
import { serverChain } from './chain.ts';
import { countedDays, today } from './day.ts';

/** How often something has happened on a day, `2030-01-31` in UTC. */
export type CountedDay = { day: string; action: Action; times: number };

/**
 * The last `countedDays` days, oldest first, by the database's clock; and how often each of these actions has happened in an
 * organization on each of them. Sign-ins are those of its members. What has not happened is not there.
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
    ), counted as (
      select day, action, times from audit_days
      where chain_id = ${organizationId}::uuid and day > ${today} - ${countedDays}::integer
      union all
      select day, action, times
      from members join audit_days on chain_id = ${serverChain}::uuid and subject = user_id::text
      where organization_id = ${organizationId}::uuid and day > ${today} - ${countedDays}::integer
    )
    select to_char(day, 'YYYY-MM-DD') as day, action, coalesce(sum(times), 0)::float8 as times
    from span left join (select * from counted where action = any (${actions}::text[])) as drawn using (day)
    group by day, action order by day, action`);
  return {
    days: [...new Set(rows.map(({ day }) => day))],
    counted: rows.filter((row): row is CountedDay => row.action !== null),
  };
}
