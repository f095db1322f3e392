import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds `postern user` with its commands. */
export function register(program: Command, io: Io): void {
  const user = program.command('user').description('manage the people who sign in');
  const actions = () => import('./user-actions.ts');

  user
    .command('add')
    .description('add a person; the password is asked for unless a flag says where it comes from')
    .argument('<email>')
    .option('--password-stdin', 'read the password from stdin')
    .option('--generate', 'make up a password and print it')
    .option('--json', 'print the person as JSON')
    .action(async (email, options) => (await actions()).add(io, email, options));

  user
    .command('list')
    .description('list all people')
    .option('--json', 'print them as a JSON array')
    .action(async (options) => (await actions()).list(io, options));

  user
    .command('disable')
    .description('let a person in no more; their tokens are inactive at once')
    .argument('<email>')
    .action(async (email) => (await actions()).disable(io, email));

  user
    .command('enable')
    .description('let a disabled person in again')
    .argument('<email>')
    .action(async (email) => (await actions()).enable(io, email));

  user
    .command('set-password')
    .description('give a person a new password and end their sessions in browsers')
    .argument('<email>')
    .option('--password-stdin', 'read the password from stdin')
    .option('--generate', 'make up a password and print it')
    .option('--json', 'print the outcome as JSON')
    .action(async (email, options) => (await actions()).changePassword(io, email, options));

  user
    .command('second-factor')
    .description('help a person who has lost theirs')
    .command('remove')
    .description('remove passkeys, one-time codes and recovery codes, and end the sessions in browsers')
    .argument('<email>')
    .action(async (email) => (await actions()).removeSecondFactor(io, email));
}
