import { readdir } from 'node:fs/promises';
import { databaseUnavailable } from '../errors.ts';
import type { Log } from '../log.ts';
import { inRoot } from '../root.ts';
import { createPool, type Database } from './pool.ts';
import { sql } from './sql.ts';
import { isTableMissing, isUnavailable } from './sqlstate.ts';

/** Names of migrations, in order: those that the database has, and those that it lacks. */
export type MigrationStatus = { applied: string[]; pending: string[] };

const folder = inRoot('migrations');
const table = 'migrations';

/**
 * Applies every pending migration, each in its own transaction, and returns their names. Any number of servers may
 * call this at once: one works, the others wait and find nothing left to do.
 */
export async function migrate(url: string, log: Log): Promise<string[]> {
  const db = createPool({ url, log, max: 1 });
  const { pending } = await migrationStatus(db).finally(() => db.close());
  if (pending.length === 0) return [];
  const { runner } = await import('node-pg-migrate');
  const ignore = () => undefined;
  try {
    const done = await runner({
      databaseUrl: { connectionString: url, connectionTimeoutMillis: 5_000 },
      dir: folder,
      migrationsTable: table,
      direction: 'up',
      singleTransaction: false,
      advisoryLockMode: 'wait',
      logger: {
        info: ignore,
        debug: ignore,
        warn: (text) => log.warn(text),
        error: (text) => log.error(text),
      },
    });
    const names = done.map(({ name }) => name);
    if (names.length > 0) log.info({ migrations: names }, 'migrated the database');
    return names;
  } catch (error) {
    throw isUnavailable(error) ? databaseUnavailable(error) : error;
  }
}

/** Compares the folder `migrations/` with the database. A database without any has everything pending. */
export async function migrationStatus(db: Database): Promise<MigrationStatus> {
  const known = await listMigrations();
  try {
    const rows = await db.query<{ name: string }>(
      sql`select name from ${sql.identifier(table)} order by name`,
    );
    const applied = rows.map(({ name }) => name);
    return { applied, pending: known.filter((name) => !applied.includes(name)) };
  } catch (error) {
    if (isTableMissing(error)) return { applied: [], pending: known };
    throw error;
  }
}

/** Names of the migrations that this version of the program was written for, in order. */
export async function listMigrations(): Promise<string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}
