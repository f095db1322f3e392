import type { Command } from 'commander';
import { table } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { inPath, openApi } from './api.ts';
import { chooseOne, isBeginningOf } from './choose.ts';
import { type ApiFlags, withApi } from './flags.ts';
import { printList } from './print.ts';

type Grant = {
  id: string;
  client_id: string;
  scopes: Record<string, string>;
  created_at: string;
  expires_at: string;
  last_used?: { at: string; address: string };
};

/** Adds `postern devices` with its commands. */
export function register(program: Command, io: Io): void {
  const devices = program
    .command('devices')
    .description('see and sign out the devices and apps that you signed in');

  withApi(devices.command('list'))
    .description('list them, the newest first')
    .action((flags: ApiFlags) => list(io, flags));

  withApi(devices.command('sign-out'))
    .description('sign one out; every token that it got with this sign-in is dead at once')
    .argument('<device>', 'its id, or how that begins')
    .action((word: string, flags: ApiFlags) => signOut(io, word, flags));
}

async function list(io: Io, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const grants = await api.list<Grant>('/grants');
  printList(io, grants, flags, { textOf: deviceTable, none: 'No device or app is signed in.' });
}

function deviceTable(grants: readonly Grant[]): string {
  const rows = grants.map(({ id, client_id, scopes, created_at, expires_at, last_used }) => [
    id.slice(0, 16),
    client_id,
    created_at,
    expires_at,
    last_used?.at ?? 'never',
    Object.keys(scopes).join(' '),
  ]);
  return table([['DEVICE', 'APP', 'SINCE', 'UNTIL', 'LAST USED', 'FOR'], ...rows]);
}

async function signOut(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const grants = await api.list<Grant>('/grants');
  const { id, client_id } = chooseOne(grants, 'device', (each) => isBeginningOf(each.id, word));
  await api.ask('DELETE', `/grants/${inPath(id)}`);
  io.say(`Signed out ${client_id} (${id.slice(0, 16)}).`);
}
