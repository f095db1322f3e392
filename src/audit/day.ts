import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import type { PlainEvent } from './event.ts';

/** How many days are counted, today among them. */
export const countedDays = 30;

/** The day that the database's clock shows in UTC. */
export const today = sql`(now() at time zone 'utc')::date`;

/**
 * The statement that counts events of a chain. What the server's says about a person (`isServers`) counts in each
 * organization that the person belongs to at that moment.
 */
export function counting(
  chainId: string,
  events: readonly (PlainEvent & { at: string })[],
  { isServers }: { isServers: boolean },
): Sql {
  const counted = Map.groupBy(events, (event) =>
    JSON.stringify([isServers ? personOf(event) : null, event.action]),
  );
  const days = [...counted].map(([key, same]) => {
    const [person, action] = JSON.parse(key) as [string | null, string];
    return { person, action, at: same[0]?.at, times: same.reduce((sum, event) => sum + timesOf(event), 0) };
  });
  return sql`
    insert into audit_days (chain_id, is_about_members, day, action, times)
    select coalesce(members.organization_id, ${chainId}::uuid), members.organization_id is not null,
      (at at time zone 'utc')::date, action, sum(times)
    from json_to_recordset(${JSON.stringify(days)}::json) as counted (
      person uuid, at timestamptz, action text, times bigint
    ) left join members on members.user_id = person
    group by 1, 2, 3, 4
    on conflict (chain_id, is_about_members, day, action) do update set times = audit_days.times + excluded.times`;
}

function personOf({ targetKind, targetId }: PlainEvent): string | null {
  const isPerson = targetKind === 'user' && targetId !== null && uuid.test(targetId);
  return isPerson ? targetId : null;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

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
