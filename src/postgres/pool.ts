import pg from 'pg';
import { AppError, databaseUnavailable } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Sql } from './sql.ts';
import { isUnavailable } from './sqlstate.ts';

/** What can run a statement: the pool, or a transaction of it. */
export type Database = {
  /** The rows. An outage is an AppError `database_unavailable`; any other SQL error comes as the driver's. */
  query<Row = Record<string, unknown>>(statement: Sql): Promise<Row[]>;
  /** Commits when `work` returns, rolls back when it throws. Inside a transaction it joins that one. */
  transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result>;
};

/** A pool of connections to one database. */
export type Pool = Database & { readonly url: string; close(): Promise<void> };

// More than these would wait longer than their callers do; it is kinder to tell them at once.
const mostWaiting = 1_000;

/** Opens no connection yet. A broken idle connection is logged and replaced; it never ends the process. */
export function createPool(options: { url: string; log: Log; max?: number }): Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 3_000,
    query_timeout: 5_000,
    statement_timeout: 5_000,
    keepAlive: true,
    // A database that is paused never says goodbye: its connections must not keep a process that wants to end.
    allowExitOnIdle: true,
    application_name: 'postern',
  });
  pool.on('error', (error) => {
    // A connection that is being closed cannot be lost: our own database may end before it has read the goodbye.
    if (!pool.ending) options.log.warn({ err: error }, 'lost an idle database connection');
  });
  return {
    url: options.url,
    async query(statement) {
      refuseCrowd(pool);
      return await run(pool, statement);
    },
    async transaction(work) {
      refuseCrowd(pool);
      return await transact(pool, options.log, work);
    },
    close: () => pool.end(),
  };
}

function refuseCrowd(pool: pg.Pool): void {
  if (pool.waitingCount < mostWaiting) return;
  throw databaseUnavailable(new Error(`${mostWaiting} others wait for a database connection`));
}

type Runner = { query(config: { text: string; values: unknown[] }): Promise<{ rows: unknown[] }> };

async function run<Row>(runner: Runner, statement: Sql): Promise<Row[]> {
  try {
    const { rows } = await runner.query({ text: statement.text, values: [...statement.values] });
    return rows as Row[];
  } catch (error) {
    throw isUnavailable(error) ? databaseUnavailable(error) : error;
  }
}

async function transact<Result>(
  pool: pg.Pool,
  log: Log,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect().catch((error: unknown) => {
    throw databaseUnavailable(error);
  });
  // A client that is checked out reports a lost connection here; unheard, it would end the process.
  const onError = (error: Error) => log.warn({ err: error }, 'lost a database connection in a transaction');
  client.on('error', onError);
  let broken = false;
  const db: Database = {
    query: (statement) => run(client, statement),
    transaction: (inner) => inner(db),
  };
  try {
    await command(client, 'begin');
    const result = await work(db);
    await command(client, 'commit');
    return result;
  } catch (error) {
    // Where nobody answers, a rollback would wait for a second time-out; the end of the connection does the same.
    if (error instanceof AppError && error.code === 'database_unavailable') broken = true;
    else await client.query('rollback').catch(() => (broken = true));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function command(client: pg.PoolClient, text: 'begin' | 'commit'): Promise<void> {
  await client.query(text).catch((error: unknown) => {
    throw isUnavailable(error) ? databaseUnavailable(error) : error;
  });
}
