import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds `postern migrate`. */
export function register(program: Command, io: Io): void {
  const migration = program
    .command('migrate')
    .description('bring the database up to date; `migrate status` only looks');

  migration
    .command('up', { isDefault: true })
    .description('apply every pending migration')
    .option('--json', 'print what was applied as JSON')
    .action(async (options) => (await import('./migrate-actions.ts')).up(io, options));

  migration
    .command('status')
    .description('list the migrations; exits with 1 where one is pending')
    .option('--json', 'print them as JSON')
    .action(async (options) => (await import('./migrate-actions.ts')).status(io, options));
}
