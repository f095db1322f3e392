import type { Command } from 'commander';
import { card } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { openApi } from './api.ts';
import { type ApiFlags, withApi } from './flags.ts';
import { type Permissions, permissionRows } from './permissions.ts';
import { print } from './print.ts';

type Me = {
  id: string;
  kind: string;
  email?: string;
  presented: string;
  organization?: { id: string; role?: string };
  organizations: { id: string; name: string; role: string }[];
  permissions: Permissions;
};

/** Adds `postern me`. */
export function register(program: Command, io: Io): void {
  withApi(program.command('me'))
    .description('show who you are to the management API, where you act, and what you may do')
    .action((flags: ApiFlags) => show(io, flags));
}

async function show(io: Io, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const { body: me } = await api.ask<Me>('GET', '/users/me');
  print(io, me, flags, () => meCard(me, api.issuer));
}

function meCard(me: Me, issuer: string): string {
  return card([
    ['id', me.id],
    ['email', me.email],
    ['issuer', issuer],
    ['known by', me.presented.replaceAll('_', ' ')],
    ...me.organizations.map(({ id, name, role }): [string, string] => [
      id === me.organization?.id ? 'acts in' : 'member of',
      `${name}, as ${role} (${id})`,
    ]),
    ...permissionRows('may', me.permissions),
  ]);
}
