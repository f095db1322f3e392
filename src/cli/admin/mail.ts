import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds `postern mail` with its commands. */
export function register(program: Command, io: Io): void {
  const mail = program.command('mail').description('see whether mail goes out');
  const actions = () => import('./mail-actions.ts');

  mail
    .command('test')
    .description('send a mail at once, by the mail server of the settings')
    .requiredOption('--to <address>', 'to whom')
    .action(async (options) => (await actions()).test(io, options));

  mail
    .command('list')
    .description('list what waits, was sent and was given up in the last 30 days, the newest first')
    .option('--state <state>', 'waiting, sent or failed')
    .option('--limit <count>', 'how many at most (100)')
    .option('--json', 'print them as a JSON array')
    .action(async (options) => (await actions()).list(io, options));
}
