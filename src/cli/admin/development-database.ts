import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { startEmbeddedPostgres } from '../../postgres/embedded.ts';
import { createPool, type Pool } from '../../postgres/pool.ts';
import { findPostmaster } from '../../postgres/postmaster.ts';
import { sql } from '../../postgres/sql.ts';
import type { Io } from '../io.ts';

// Longer than PostgreSQL takes to start or to stop; the other process may be about either.
const patienceMilliseconds = 15_000;
const pauseMilliseconds = 100;

/**
 * The development database, whoever runs it: beside a server or another command it is theirs that answers, else one is
 * started and stopped again by `close`.
 */
export async function openDevelopmentDatabase(
  io: Io,
  dataDirectory: string,
  log: Log,
): Promise<{ db: Pool; close(): Promise<void> }> {
  const directory = join(dataDirectory, 'postgres');
  const limit = AbortSignal.timeout(patienceMilliseconds);
  for (;;) {
    try {
      return await startOwn(io, directory, log);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'conflict')) throw error;
      const db = await joinOther(directory, log);
      if (db) return { db, close: () => db.close() };
      if (limit.aborted) throw error;
    }
    await wait(pauseMilliseconds);
  }
}

async function startOwn(io: Io, directory: string, log: Log): Promise<{ db: Pool; close(): Promise<void> }> {
  // From here on Ctrl-C does not end us: it would leave the database server behind.
  io.interruption();
  const server = await startEmbeddedPostgres({ directory, log });
  const db = createPool({ url: server.url, log, max: 1 });
  return {
    db,
    async close() {
      await untilOthersHaveGone(db).finally(() => db.close());
      await server.stop();
    },
  };
}

/** `undefined` while the other process's server is starting or stopping. */
async function joinOther(directory: string, log: Log): Promise<Pool | undefined> {
  const postmaster = await findPostmaster(join(directory, 'data'));
  if (!postmaster?.isReady) return undefined;
  const password = await readFile(join(directory, 'password'), 'utf8').catch(() => '');
  const url = `postgresql://postern:${password.trim()}@127.0.0.1:${postmaster.port}/postgres`;
  const db = createPool({ url, log, max: 1 });
  try {
    // The connection stays open, so that the other process waits for us before it stops the server.
    await db.query(sql`select`);
    return db;
  } catch {
    await db.close();
    return undefined;
  }
}

async function untilOthersHaveGone(db: Pool): Promise<void> {
  const limit = AbortSignal.timeout(patienceMilliseconds);
  while (!limit.aborted) {
    const others = await db.query(sql`
      select from pg_stat_activity
      where application_name = 'postern' and datname = current_database() and pid <> pg_backend_pid()`);
    if (others.length === 0) return;
    await wait(pauseMilliseconds);
  }
}
