import type { Config } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Pool } from '../../postgres/pool.ts';
import type { Io } from '../io.ts';

/** A database that a command works on. `close` also stops the server where this command has started it. */
export type OpenDatabase = { db: Pool; config: Config; log: Log; close(): Promise<void> };

/** Runs a command's work on a database that has every migration: in development they are applied, elsewhere demanded. */
export async function withDatabase<Result>(
  io: Io,
  work: (db: Pool, config: Config) => Promise<Result>,
): Promise<Result> {
  const { db, config, log, close } = await openDatabase(io);
  try {
    const { migrate, migrationStatus } = await import('../../postgres/migrate.ts');
    if (config.mode === 'development') await migrate(db.url, log);
    else if ((await migrationStatus(db)).pending.length > 0) {
      throw new AppError('failure', 'The database is older than this program; run postern migrate first');
    }
    return await work(db, config);
  } finally {
    await close();
  }
}

/** The database of DATABASE_URL, or in development our own one; AppError `configuration` where there is neither. */
export async function openDatabase(io: Io): Promise<OpenDatabase> {
  const { createPool } = await import('../../postgres/pool.ts');
  const config = await loadCommandConfig(io);
  const log = await openCommandLog(io);
  if (config.databaseUrl !== undefined) {
    const db = createPool({ url: config.databaseUrl, log, max: 1 });
    return { db, config, log, close: () => db.close() };
  }
  const { openDevelopmentDatabase } = await import('./development-database.ts');
  return { config, log, ...(await openDevelopmentDatabase(io, config.dataDirectory, log)) };
}

/** Warnings of a command, among its talk. */
export async function openCommandLog(io: Io): Promise<Log> {
  const { createLog } = await import('../../log.ts');
  return createLog({ level: 'warn', destination: { write: (line) => io.say(line.trimEnd()) } });
}

/** The settings without what only a server that runs in production needs, such as the master secret. */
async function loadCommandConfig(io: Io): Promise<Config> {
  const { configurationError, loadConfig } = await import('../../config.ts');
  const mode = io.env.POSTERN_MODE || 'production';
  if (mode !== 'production') return loadConfig(io.env);
  const config: Config = { ...loadConfig({ ...io.env, POSTERN_MODE: 'development' }), mode: 'production' };
  if (config.databaseUrl !== undefined) return config;
  throw configurationError([
    'DATABASE_URL: set a URL such as postgres://user:password@host:5432/postern, or POSTERN_MODE=development for the database of make run',
  ]);
}
