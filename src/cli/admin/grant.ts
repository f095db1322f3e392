import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { GrantOptions } from './grant-actions.ts';

/** Adds `postern grant` with its commands. */
export function register(program: Command, io: Io): void {
  const grant = program.command('grant').description('see what people have allowed programs');

  grant
    .command('list')
    .description('list the grants of a person or to a program, newest first')
    .option('--user <email>', 'those of this person')
    .option('--client <id>', 'those to this program')
    .option('--json', 'print them as a JSON array')
    .action(async (options: GrantOptions) => (await import('./grant-actions.ts')).list(io, options));
}
