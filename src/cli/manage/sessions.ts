import type { Command } from 'commander';
import { table } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { inPath, openApi } from './api.ts';
import { chooseOne, isBeginningOf } from './choose.ts';
import { type ApiFlags, withApi } from './flags.ts';
import { printList } from './print.ts';

type Session = {
  id: string;
  authenticated_at: string;
  expires_at: string;
  amr: string[];
  address?: string;
  agent?: string;
};

/** Adds `postern sessions` with its commands. */
export function register(program: Command, io: Io): void {
  const sessions = program.command('sessions').description('see and end your sessions in browsers');

  withApi(sessions.command('list'))
    .description('list where you are signed in with a browser, the newest first')
    .action((flags: ApiFlags) => list(io, flags));

  withApi(sessions.command('end'))
    .description('end a session of yours')
    .argument('<session>', 'its id, or how that begins')
    .action((word: string, flags: ApiFlags) => end(io, word, flags));
}

async function list(io: Io, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const sessions = await api.list<Session>('/sessions');
  printList(io, sessions, flags, { textOf: sessionTable, none: 'You are signed in with no browser.' });
}

function sessionTable(sessions: readonly Session[]): string {
  const rows = sessions.map(({ id, authenticated_at, expires_at, address = '-', agent = '-' }) => [
    id.slice(0, 16),
    authenticated_at,
    expires_at,
    address,
    agent,
  ]);
  return table([['SESSION', 'SINCE', 'UNTIL', 'ADDRESS', 'BROWSER'], ...rows]);
}

async function end(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const sessions = await api.list<Session>('/sessions');
  const { id } = chooseOne(sessions, 'session', (each) => isBeginningOf(each.id, word));
  await api.ask('DELETE', `/sessions/${inPath(id)}`);
  io.say(`Ended the session ${id.slice(0, 16)}.`);
}
