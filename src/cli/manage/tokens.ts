import type { Command } from 'commander';
import { registerImport } from '../admin/tokens.ts';
import type { Io } from '../io.ts';
import { type ApiFlags, type ListFlags, withApi, withList } from './flags.ts';
import { permissionFlag, readPermission } from './permissions.ts';
import type { ChangeFlags, CreateFlags } from './token-actions.ts';

/** Adds `postern tokens` with its commands. */
export function register(program: Command, io: Io): void {
  const tokens = program
    .command('tokens')
    .description('manage your API tokens and those of your organization');
  const actions = () => import('./token-actions.ts');
  const life = () => import('./token-life-actions.ts');
  const token = ['<token>', 'its id; its name will do for your own and the shared ones'] as const;

  withChosen(withApi(tokens.command('create')))
    .description('make a token; its value is printed once')
    .argument('<name>', 'what to call it')
    .option('--shared', 'every member of the organization can use it, with values of their own')
    .option('--reason <text>', 'why it is needed, for whoever approves it')
    .action(async (name: string, flags: CreateFlags) => (await actions()).create(io, name, flags));

  withList(tokens.command('list'))
    .description('list your tokens')
    .option('--shared', 'the shared ones instead')
    .option('--all', 'those of everybody in the organization instead')
    .action(async (flags: ListFlags & { shared?: boolean; all?: boolean }) =>
      (await actions()).list(io, flags),
    );

  withApi(tokens.command('show'))
    .description('show a token; its value cannot be shown again')
    .argument(...token)
    .action(async (word: string, flags: ApiFlags) => (await actions()).show(io, word, flags));

  withChosen(withApi(tokens.command('change')))
    .description('change a token; what is not named stays as it is')
    .argument(...token)
    .option('--name <name>', 'what to call it')
    .action(async (word: string, flags: ChangeFlags) => (await actions()).change(io, word, flags));

  for (const [verb, description] of [
    ['disable', 'make a token dead at once; a week later it is removed'],
    ['enable', 'let a disabled token work again, as before'],
    ['approve', 'let a token work that waits for an administrator'],
    ['refuse', 'refuse a token that waits for an administrator'],
  ] as const) {
    withApi(tokens.command(verb))
      .description(description)
      .argument(...token)
      .action(async (word: string, flags: ApiFlags) => (await life()).decide(io, verb, word, flags));
  }

  withApi(tokens.command('rotate'))
    .description('give your token a new value, printed once')
    .argument(...token)
    .option('--overlap <time>', 'how long the old value works on, such as 15m or 7d, which is the most', '0')
    .action(async (word: string, flags: ApiFlags & { overlap: string }) =>
      (await life()).rotate(io, word, flags),
    );

  withApi(tokens.command('take'))
    .description('take a value of your own for a shared token, printed once, in place of the one before')
    .argument(...token)
    .action(async (word: string, flags: ApiFlags) => (await life()).take(io, word, flags));

  withApi(tokens.command('give-back'))
    .description('end your values of a shared token')
    .argument(...token)
    .action(async (word: string, flags: ApiFlags) => (await life()).giveBack(io, word, flags));

  withApi(tokens.command('remove'))
    .description('remove a token for good')
    .argument(...token)
    .option('--yes', 'do not ask')
    .action(async (word: string, flags: ApiFlags & { yes?: boolean }) =>
      (await life()).remove(io, word, flags),
    );

  registerImport(tokens, io);
}

/** Adds the flags for what is chosen about a token. */
function withChosen(command: Command): Command {
  return command
    .option(
      `--permission ${permissionFlag}`,
      'what it may do, such as "https://api.example.com=read write"; may be repeated',
      readPermission,
    )
    .option('--note <text>', 'what to remember about it')
    .option('--expires <when>', 'such as 30d, 2030-01-31T12:00:00Z, or never')
    .option('--from <range...>', 'addresses that it may be used from, such as 192.0.2.0/24; may be repeated')
    .option('--from-anywhere', 'it may be used from any address');
}
