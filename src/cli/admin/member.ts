import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds `postern member` with its commands. */
export function register(program: Command, io: Io): void {
  const member = program
    .command('member')
    .description('give people of a company what its administrators cannot, or take it');
  const actions = () => import('./member-actions.ts');
  const organization = ['<organization>', 'its id, or its name where only one has it'] as const;
  const scopes = ['<uri=scopes...>', 'such as "https://login.example.com/api=keys:read keys:write"'] as const;

  member
    .command('show')
    .description('show a member with what they may do')
    .argument(...organization)
    .argument('<email>')
    .option('--json', 'print the member as JSON')
    .action(async (organization, email, options) =>
      (await actions()).show(io, { organization, email }, options),
    );

  member
    .command('sign-in')
    .description('say how a member must sign in, where no administrator can do so any more')
    .argument(...organization)
    .argument('<email>')
    .argument('<way>', 'any, or identity-provider')
    .action(async (organization, email, way) =>
      (await actions()).setSignIn(io, { organization, email }, way),
    );

  for (const [verb, description] of [
    ['give', 'let a member do something whatever their role, also what only operators give'],
    ['take', 'let a member not do something whatever their role'],
  ] as const) {
    member
      .command(verb)
      .description(description)
      .argument(...organization)
      .argument('<email>')
      .argument(...scopes)
      .option('--json', 'print the member as JSON')
      .action(async (organization, email, pairs, options) =>
        (await actions())[verb](io, { organization, email }, pairs, options),
      );
  }
}
