import type { TestContext } from 'node:test';
import pg from 'pg';
import type { Database } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { until } from './until.ts';

const ownStatement = new RegExp(
  [
    ...['signing_keys', 'audit_', '^(begin|commit)$', '^\\s*update (grants|clients) set last_used_at'],
    ...['skip locked', 'partition of', 'pg_inherits', 'pg_try_advisory', 'date_trunc'],
  ].join('|'),
);

/**
 * The statements that this process sent to PostgreSQL while `work` ran, servers in it included; but for those that a
 * server sends by itself: every few seconds to see whether the signing keys have changed and to write down when grants
 * and clients were used, every second to write down what has happened and to ask for mail, every minute to clean up.
 */
export async function listQueries(t: TestContext, work: () => Promise<unknown>): Promise<string[]> {
  const spy = t.mock.method(pg.Client.prototype, 'query');
  try {
    await work();
    const texts = spy.mock.calls.map(({ arguments: [statement] }) => {
      const given: unknown = statement;
      return typeof given === 'string' ? given : (given as { text: string }).text;
    });
    return texts.filter((text) => !ownStatement.test(text));
  } finally {
    spy.mock.restore();
  }
}

/** Waits until a server that has just started, and has not been asked anything yet, has cleaned up. */
export async function untilSwept(db: Database): Promise<void> {
  // What is swept last. Where it was already, that is the last statement of a connection, unless another came after it.
  await db.query(sql`insert into rate_limits (key, expire) values ('not swept', 1)`);
  const isSwept = sql`
    select 1 where not exists (select from rate_limits where key = 'not swept')
    union all
    select 1 from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and state = 'idle' and query like '%delete from rate_limits where key in%'`;
  await until(async () => (await db.query(isSwept)).length > 0);
  await db.query(sql`delete from rate_limits where key = 'not swept'`);
}
