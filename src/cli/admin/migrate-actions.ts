import { AppError } from '../../errors.ts';
import { migrate, migrationStatus } from '../../postgres/migrate.ts';
import type { Io } from '../io.ts';
import { openDatabase } from './database.ts';
import { table } from './table.ts';

/** `postern migrate up`. */
export async function up(io: Io, options: { json?: boolean }): Promise<void> {
  const { db, log, close } = await openDatabase(io);
  const applied = await migrate(db.url, log).finally(close);
  if (options.json) io.json({ applied });
  else for (const name of applied) io.data(name);
  io.say(applied.length > 0 ? `Applied ${applied.length}.` : 'The database is up to date.');
}

/** `postern migrate status`. A failure where one is pending, so that a deployment can wait for it. */
export async function status(io: Io, options: { json?: boolean }): Promise<void> {
  const { db, close } = await openDatabase(io);
  const { applied, pending } = await migrationStatus(db).finally(close);
  if (options.json) io.json({ applied, pending });
  else {
    io.data(
      table([...applied.map((name) => [name, 'applied']), ...pending.map((name) => [name, 'pending'])]),
    );
  }
  if (pending.length > 0) throw new AppError('failure', `${pending.length} to apply; run postern migrate`);
}
