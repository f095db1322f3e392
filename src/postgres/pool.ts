import pg from 'pg';
import { databaseUnavailable, isDatabaseUnavailable } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Sql } from './sql.ts';
import { isUnavailable, sqlstate } from './sqlstate.ts';

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
    async query<Row>(statement: Sql) {
      refuseCrowd(pool);
      return await withClient(pool, options.log, (client, discard) =>
        run<Row>(client, statement).catch((error: unknown) => {
          // Whoever has refused a statement in so many words awaits the next one.
          if (sqlstate(error) === undefined) discard();
          throw error;
        }),
      );
    },
    async transaction(work) {
      refuseCrowd(pool);
      return await withClient(pool, options.log, (client, discard) => transact(client, discard, work));
    },
    close: () => pool.end(),
  };
}

function refuseCrowd(pool: pg.Pool): void {
  if (pool.waitingCount < mostWaiting) return;
  throw databaseUnavailable(new Error(`${mostWaiting} others wait for a database connection`));
}

/** Lends a connection for some work, which discards it where nobody knows any more what state it is in. */
async function withClient<Result>(
  pool: pg.Pool,
  log: Log,
  work: (client: pg.PoolClient, discard: () => void) => Promise<Result>,
): Promise<Result> {
  // Whoever gets no connection has not asked anything yet, so that nothing can be wrong with what they ask. PostgreSQL has
  // many names for it: a copy is being made of the database (55000), somebody has changed the password (28P01).
  const client = await pool.connect().catch((error: unknown) => {
    throw databaseUnavailable(error);
  });
  // A client that is checked out reports a lost connection here; unheard, it would end the process.
  const onError = (error: Error) => log.warn({ err: error }, 'lost a database connection');
  client.on('error', onError);
  let isDiscarded = false;
  try {
    return await work(client, () => {
      isDiscarded = true;
    });
  } finally {
    client.off('error', onError);
    client.release(isDiscarded);
  }
}

async function run<Row>(client: pg.PoolClient, statement: Sql): Promise<Row[]> {
  try {
    const { rows } = await client.query({ text: statement.text, values: [...statement.values] });
    return rows as Row[];
  } catch (error) {
    throw isUnavailable(error) ? databaseUnavailable(error) : error;
  }
}

async function transact<Result>(
  client: pg.PoolClient,
  discard: () => void,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
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
    if (isDatabaseUnavailable(error)) discard();
    else await client.query('rollback').catch(discard);
    throw error;
  }
}

async function command(client: pg.PoolClient, text: 'begin' | 'commit'): Promise<void> {
  await client.query(text).catch((error: unknown) => {
    throw isUnavailable(error) ? databaseUnavailable(error) : error;
  });
}
