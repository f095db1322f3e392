import type { TestContext } from 'node:test';
import pg from 'pg';
import type { Database } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { until } from './until.ts';

/**
 * The statements that this process sent to PostgreSQL while `work` ran, servers in it included; but for those that a
 * server sends by itself: every few seconds to see whether the signing keys have changed, every second to write down
 * what has happened.
 */
export async function listQueries(t: TestContext, work: () => Promise<unknown>): Promise<string[]> {
  const spy = t.mock.method(pg.Client.prototype, 'query');
  try {
    await work();
    const texts = spy.mock.calls.map(({ arguments: [statement] }) => {
      const given: unknown = statement;
      return typeof given === 'string' ? given : (given as { text: string }).text;
    });
    return texts.filter((text) => !/signing_keys|audit_|^(begin|commit)$/.test(text));
  } finally {
    spy.mock.restore();
  }
}

/** Waits until a server that has just started, and has not been asked anything yet, has cleaned up. */
export async function untilSwept(db: Database): Promise<void> {
  const lastStatement = sql`
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and state = 'idle' and query like '%delete from rate_limits%'`;
  await until(async () => (await db.query(lastStatement)).length > 0);
}
