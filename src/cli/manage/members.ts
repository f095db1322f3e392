import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { type ApiFlags, type ListFlags, withApi, withList } from './flags.ts';
import type { ChangeFlags } from './member-actions.ts';
import { permissionFlag, readPermission } from './permissions.ts';

/** Adds `postern members` with its commands. */
export function register(program: Command, io: Io): void {
  const members = program.command('members').description('manage the people of your organization');
  const actions = () => import('./member-actions.ts');
  const invitations = () => import('./invitation-actions.ts');
  const person = ['<member>', 'an email address, or the id of a person'] as const;

  withList(members.command('list'))
    .description('list the members')
    .action(async (flags: ListFlags) => (await actions()).list(io, flags));

  withApi(members.command('show'))
    .description('show one member with what they may do')
    .argument(...person)
    .action(async (word: string, flags: ApiFlags) => (await actions()).show(io, word, flags));

  withApi(members.command('change'))
    .description('change the role and permissions of a member; what is not named stays as it is')
    .argument(...person)
    .option('--role <role>', 'administrator or member')
    .option(
      `--give ${permissionFlag}`,
      'what they may do whatever their role, such as "https://api.example.com=read"; may be repeated',
      readPermission,
    )
    .option(
      `--take ${permissionFlag}`,
      'what they may not do whatever their role; may be repeated',
      readPermission,
    )
    .option('--by-role', 'forget first what was given and taken')
    .option('--identity-provider', 'they sign in by an identity provider alone; their legacy tokens are dead')
    .option('--no-identity-provider', 'they may sign in with a password')
    .action(async (word: string, flags: ChangeFlags) => (await actions()).change(io, word, flags));

  withApi(members.command('disable'))
    .description('let a member do nothing any more; their tokens are dead at once')
    .argument(...person)
    .action(async (word: string, flags: ApiFlags) => (await actions()).disable(io, word, flags));

  withApi(members.command('enable'))
    .description('let a disabled member work again, as before')
    .argument(...person)
    .action(async (word: string, flags: ApiFlags) => (await actions()).enable(io, word, flags));

  withApi(members.command('remove'))
    .description('remove a member with all their tokens in your organization')
    .argument(...person)
    .option('--yes', 'do not ask')
    .action(async (word: string, flags: ApiFlags & { yes?: boolean }) =>
      (await actions()).remove(io, word, flags),
    );

  withApi(members.command('invite'))
    .description('invite somebody; prints the link to send them, which works once and for them alone')
    .argument('<email>')
    .option('--role <role>', 'administrator or member (default: member)')
    .action(async (email: string, flags: ApiFlags & { role?: string }) =>
      (await invitations()).invite(io, email, flags),
    );

  withList(members.command('invitations'))
    .description('list the open invitations')
    .action(async (flags: ListFlags) => (await invitations()).list(io, flags));

  withApi(members.command('uninvite'))
    .description('take an open invitation back')
    .argument('<invitation>', 'the invited email address, or the id of the invitation')
    .action(async (word: string, flags: ApiFlags) => (await invitations()).remove(io, word, flags));
}
