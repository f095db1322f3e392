import { table } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { inPath, openApi } from './api.ts';
import { chooseOne } from './choose.ts';
import type { ApiFlags, ListFlags } from './flags.ts';
import { print, printList } from './print.ts';

type Invitation = { id: string; email: string; role: string; created_at: string; expires_at: string };

/** `postern members invite`. The link is the only data: it is not shown again. */
export async function invite(io: Io, email: string, flags: ApiFlags & { role?: string }): Promise<void> {
  const api = await openApi(io, flags);
  const { body: invitation } = await api.ask<Invitation & { link: string; mailed: boolean }>(
    'POST',
    '/invitations',
    {
      body: { email, ...(flags.role !== undefined && { role: flags.role }) },
      fields: { email: '<email>', role: '--role' },
    },
  );
  print(io, invitation, flags, ({ link }) => link);
  const way = invitation.mailed ? 'A mail with this link goes to' : 'Send this link to';
  io.say(`${way} ${invitation.email}: it works once, until ${invitation.expires_at}.`);
}

/** `postern members invitations`. */
export async function list(io: Io, flags: ListFlags): Promise<void> {
  const api = await openApi(io, flags);
  const invitations = await api.list<Invitation>('/invitations', flags);
  printList(io, invitations, flags, { textOf: invitationTable, none: 'There is no open invitation.' });
}

function invitationTable(invitations: readonly Invitation[]): string {
  const rows = invitations.map(({ email, role, created_at, expires_at, id }) => [
    email,
    role,
    created_at,
    expires_at,
    id,
  ]);
  return table([['EMAIL', 'ROLE', 'SINCE', 'UNTIL', 'ID'], ...rows]);
}

/** `postern members uninvite`. */
export async function remove(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const invitations = await api.list<Invitation>('/invitations');
  const isNamed = ({ id, email }: Invitation) => id === word || email === word.toLowerCase();
  const { id, email } = chooseOne(invitations, 'open invitation', isNamed);
  await api.ask('DELETE', `/invitations/${inPath(id)}`);
  io.say(`Took back the invitation of ${email}.`);
}
