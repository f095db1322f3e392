import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds `postern secret`. */
export function register(program: Command, io: Io): void {
  const secret = program.command('secret').description('change the master secret');

  secret
    .command('rotate')
    .description('seal under POSTERN_SECRET what POSTERN_PREVIOUS_SECRET has sealed')
    .option('--json', 'print the outcome as JSON')
    .action(async (options) => (await import('./secret-actions.ts')).rotate(io, options));
}
