import { AppError } from '../../errors.ts';
import { confirm } from '../admin/confirmation.ts';
import { card, table } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { type Api, inPath, openApi, type Reply } from './api.ts';
import { chooseOne, isId } from './choose.ts';
import type { ApiFlags, ListFlags } from './flags.ts';
import { type Permissions, permissionRows, unite, without } from './permissions.ts';
import { print, printList } from './print.ts';

/** What `postern members change` was told. */
export type ChangeFlags = ApiFlags & {
  role?: string;
  give?: Permissions;
  take?: Permissions;
  byRole?: boolean;
  identityProvider?: boolean;
};

type Member = {
  user_id: string;
  email: string;
  role: string;
  permissions: Permissions;
  given: Permissions;
  taken: Permissions;
  identity_provider_required: boolean;
  disabled: boolean;
  joined_at: string;
  disabled_at?: string;
};

const fields = {
  user_id: '<member>',
  role: '--role',
  given: '--give',
  taken: '--take',
  identity_provider_required: '--identity-provider',
};

/** `postern members list`. */
export async function list(io: Io, flags: ListFlags): Promise<void> {
  const api = await openApi(io, flags);
  const members = await api.list<Member>('/members', flags);
  printList(io, members, flags, { textOf: memberTable, none: 'There are no members.' });
}

function memberTable(members: readonly Member[]): string {
  const rows = members.map(({ email, role, disabled, joined_at, user_id }) => [
    email,
    role,
    disabled ? 'disabled' : 'enabled',
    joined_at,
    user_id,
  ]);
  return table([['EMAIL', 'ROLE', 'STATE', 'JOINED', 'ID'], ...rows]);
}

/** `postern members show`. */
export async function show(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  print(io, (await getMember(api, word)).body, flags, memberCard);
}

/** `postern members change`. Somebody else's change in between is a failure, and nothing is lost. */
export async function change(io: Io, word: string, flags: ChangeFlags): Promise<void> {
  const { role, give = {}, take = {}, byRole, identityProvider } = flags;
  const isAboutPermissions = flags.give !== undefined || flags.take !== undefined || byRole === true;
  if (role === undefined && identityProvider === undefined && !isAboutPermissions) {
    throw new AppError('usage', 'Say what to change; postern members change --help lists it');
  }
  const api = await openApi(io, flags);
  const { body: before, tag } = await getMember(api, word);
  const { given, taken } = byRole ? { given: {}, taken: {} } : before;
  const body = {
    ...(role !== undefined && { role }),
    ...(isAboutPermissions && {
      given: without(unite(given, give), take),
      taken: unite(without(taken, give), take),
    }),
    ...(identityProvider !== undefined && { identity_provider_required: identityProvider }),
  };
  const path = `/members/${inPath(before.user_id)}`;
  const { body: after } = await api.ask<Member>('PATCH', path, { body, ifMatch: tag, fields });
  print(io, after, flags, memberCard);
  io.say(`Changed ${after.email}.`);
}

/** `postern members disable`. */
export async function disable(io: Io, word: string, flags: ApiFlags): Promise<void> {
  await switchTo(io, word, { disabled: true }, flags);
}

/** `postern members enable`. */
export async function enable(io: Io, word: string, flags: ApiFlags): Promise<void> {
  await switchTo(io, word, { disabled: false }, flags);
}

/** `postern members remove`. */
export async function remove(io: Io, word: string, flags: ApiFlags & { yes?: boolean }): Promise<void> {
  const api = await openApi(io, flags);
  const { user_id, email } = (await getMember(api, word)).body;
  const question = `This removes ${email} with all their tokens in your organization, for good.`;
  await confirm(io, { question, word: 'remove', isAgreed: flags.yes });
  await api.ask('DELETE', `/members/${inPath(user_id)}`);
  io.say(`Removed ${email}.`);
}

async function switchTo(io: Io, word: string, body: { disabled: boolean }, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const path = `/members/${inPath(await findId(api, word))}`;
  const { body: member } = await api.ask<Member>('PATCH', path, { body, fields });
  if (flags.json) io.json(member);
  io.say(`${body.disabled ? 'Disabled' : 'Enabled'} ${member.email}.`);
}

async function getMember(api: Api, word: string): Promise<Reply<Member>> {
  return api.ask<Member>('GET', `/members/${inPath(await findId(api, word))}`, { fields });
}

async function findId(api: Api, word: string): Promise<string> {
  if (isId(word)) return word;
  const members = await api.list<Member>('/members');
  return chooseOne(members, 'member', ({ email }) => email === word.toLowerCase()).user_id;
}

function memberCard(member: Member): string {
  return card([
    ['email', member.email],
    ['id', member.user_id],
    ['role', member.role],
    ...permissionRows('may', member.permissions),
    ...permissionRows('given', member.given),
    ...permissionRows('taken', member.taken),
    ['signs in', member.identity_provider_required ? 'by an identity provider alone' : undefined],
    ['joined', member.joined_at],
    ['disabled', member.disabled_at],
  ]);
}
