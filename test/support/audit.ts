import { type EventFilter, listEvents, type ReadEvent } from '../../src/audit/events.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { until } from './until.ts';

/** Waits until a chain has so many events of this kind, which take up to a second, and returns them, newest first. */
export async function untilRecorded(
  db: Database,
  chainId: string,
  filter: EventFilter,
  count = 1,
): Promise<ReadEvent[]> {
  return await until(async () => {
    const events = await listEvents(db, chainId, filter);
    return events.length >= count && events;
  });
}

/** The id of the only organization in a database. */
export async function findOnlyOrganization(db: Database): Promise<string> {
  const rows = await db.query<{ id: string }>(sql`select id from organizations`);
  if (rows.length !== 1) throw new Error(`there are ${rows.length} organizations`);
  return (rows[0] as { id: string }).id;
}
