import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, type Log } from '../../src/log.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/postgres/embedded.ts';
import { isRunning, stopOrphan } from '../../src/postgres/postmaster.ts';

const prefix = 'postern-test-postgres-';

/** Warnings and errors, on standard error: standard output belongs to the report of the tests. */
export const testLog: Log = createLog({ level: 'warn', destination: process.stderr });

/** A PostgreSQL that is fast, holds nothing, takes 300 connections, and leaves nothing behind when it is stopped. */
export async function startTemporaryPostgres(): Promise<EmbeddedPostgres> {
  await removeAbandoned();
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const postgres = await startEmbeddedPostgres({
      directory: join(folder, 'postgres'),
      log: testLog,
      durable: false,
      maxConnections: 300,
    });
    return { url: postgres.url, stop: () => postgres.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A run that was killed could not stop its server. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix) || isRunning(Number.parseInt(name.slice(prefix.length), 10))) continue;
    const folder = join(tmpdir(), name);
    await stopOrphan(join(folder, 'postgres', 'data'));
    // What belongs to another user stays.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
