import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds `postern keys` with its commands. */
export function register(program: Command, io: Io): void {
  const keys = program.command('keys').description('manage the keys that sign tokens');
  const actions = () => import('./keys-actions.ts');

  keys
    .command('list')
    .description('list the keys of the last year, and what happens to each next')
    .option('--json', 'print them as a JSON array')
    .action(async (options) => (await actions()).list(io, options));

  keys
    .command('rotate')
    .description('publish the next key, which signs as soon as everybody had the time to learn of it')
    .option('--algorithm <name>', 'ES256, EdDSA or RS256 (default: all that are in use)')
    .option('--now', 'let it sign at once; who keeps the list of keys may refuse its tokens for five minutes')
    .option('--json', 'print the published keys as a JSON array')
    .action(async (options) => (await actions()).rotate(io, options));

  keys
    .command('revoke')
    .description('for an emergency: end a key at once, with every token that it has signed')
    .argument('<kid>')
    .option('--yes', 'do not ask')
    .option('--json', 'print the published keys as a JSON array')
    .action(async (kid, options) => (await actions()).revoke(io, kid, options));
}
