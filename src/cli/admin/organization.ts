import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds `postern organization` with its commands. */
export function register(program: Command, io: Io): void {
  const organization = program
    .command('organization')
    .description('manage the companies whose people work together');
  const named = ['<organization>', 'its id, or its name where only one has it'] as const;
  const actions = () => import('./organization-actions.ts');
  const life = () => import('./organization-life-actions.ts');

  organization
    .command('add')
    .description('add a company with its first administrator')
    .argument('<name>')
    .requiredOption('--administrator <email>', 'a person that postern user add has added')
    .option('--json', 'print it as JSON')
    .action(async (name, options) => (await actions()).add(io, name, options));

  organization
    .command('list')
    .description('list all companies')
    .option('--json', 'print them as a JSON array')
    .action(async (options) => (await actions()).list(io, options));

  organization
    .command('members')
    .description('list the people of a company')
    .argument(...named)
    .option('--json', 'print them as a JSON array')
    .action(async (name, options) => (await actions()).members(io, name, options));

  organization
    .command('add-member')
    .description('let a person that is here already into a company')
    .argument(...named)
    .argument('<email>')
    .option('--role <role>', 'administrator or member', 'member')
    .option('--json', 'print the member as JSON')
    .action(async (name, email, options) => (await actions()).addTo(io, name, email, options));

  organization
    .command('disable')
    .description('let nothing of a company in any more: people, programs, tokens and approvals, at once')
    .argument(...named)
    .action(async (name) => (await life()).disable(io, name));

  organization
    .command('enable')
    .description('let a disabled company in again, as before')
    .argument(...named)
    .action(async (name) => (await life()).enable(io, name));

  organization
    .command('remove')
    .description('delete a company with all its memberships, tokens, programs and approvals, for good')
    .argument(...named)
    .option('--yes', 'do not ask')
    .action(async (name, options) => (await life()).remove(io, name, options));

  organization
    .command('sign-in')
    .description('say how its members must sign in, where its administrators cannot do so themselves')
    .argument(...named)
    .argument('<way>', 'any, or identity-provider')
    .action(async (name, way) => (await actions()).setSignIn(io, name, way));
}
