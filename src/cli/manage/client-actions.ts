import { AppError } from '../../errors.ts';
import { confirm } from '../admin/confirmation.ts';
import { card } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { type Api, inPath, openApi } from './api.ts';
import { chooseOne } from './choose.ts';
import { type ChosenFlags, fields, readChosen } from './client-choice.ts';
import { type Client, clientCard, clientTable } from './client-view.ts';
import type { ApiFlags, ListFlags } from './flags.ts';
import { print, printList } from './print.ts';

/** `postern clients add`. What is `null` in a change is absent in a new one. */
export async function add(io: Io, name: string, flags: ChosenFlags): Promise<void> {
  const chosen = Object.entries(readChosen({ ...flags, name })).filter(([, value]) => value !== null);
  const api = await openApi(io, flags);
  const { body: client } = await api.ask<Client & { client_secret?: string }>('POST', '/clients', {
    body: Object.fromEntries(chosen),
    fields: { ...fields, client_name: '<name>' },
  });
  const { client_id, client_secret } = client;
  const rows = [['client_id', client_id] as const, ['client_secret', client_secret] as const];
  print(io, client, flags, () => card(rows));
  if (client_secret !== undefined) io.say('Keep the secret now: it is not shown again.');
}

/** `postern clients list`. */
export async function list(io: Io, flags: ListFlags): Promise<void> {
  const api = await openApi(io, flags);
  const clients = await api.list<Client>('/clients', { limit: flags.limit });
  const none = 'Your organization has no programs; postern clients add makes one.';
  printList(io, clients, flags, { textOf: clientTable, none });
}

/** `postern clients show`. */
export async function show(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  print(io, await getClient(api, word), flags, clientCard);
}

/** `postern clients change`. */
export async function change(io: Io, word: string, flags: ChosenFlags): Promise<void> {
  const body = readChosen(flags);
  if (Object.keys(body).length === 0) {
    throw new AppError('usage', 'Say what to change; postern clients change --help lists it');
  }
  const api = await openApi(io, flags);
  const path = `/clients/${inPath(await findClientId(api, word))}`;
  const { body: client } = await api.ask<Client>('PATCH', path, { body, fields });
  print(io, client, flags, clientCard);
  io.say(`Changed ${client.client_id}.`);
}

const past = { disable: 'Disabled', enable: 'Enabled' };

/** `postern clients disable` and `enable`. */
export async function switchTo(
  io: Io,
  verb: keyof typeof past,
  word: string,
  flags: ApiFlags,
): Promise<void> {
  const api = await openApi(io, flags);
  const path = `/clients/${inPath(await findClientId(api, word))}`;
  const body = { disabled: verb === 'disable' };
  const { body: client } = await api.ask<Client>('PATCH', path, { body, fields });
  if (flags.json) io.json(client);
  io.say(`${past[verb]} ${client.client_id}.`);
}

/** `postern clients remove`. */
export async function remove(io: Io, word: string, flags: ApiFlags & { yes?: boolean }): Promise<void> {
  const api = await openApi(io, flags);
  const { client_id, client_name } = await getClient(api, word);
  const question = `This removes the program ${client_name} (${client_id}) and all that it was let in for, for good.`;
  await confirm(io, { question, word: 'remove', isAgreed: flags.yes });
  await api.ask('DELETE', `/clients/${inPath(client_id)}`);
  io.say(`Removed ${client_id}.`);
}

/** The program that a word names, by its id, or by its name where only one has it. */
export async function getClient(api: Api, word: string): Promise<Client> {
  if (!isClientId(word)) return await findNamed(api, word);
  return (await api.ask<Client>('GET', `/clients/${inPath(word)}`)).body;
}

/** Its id alone. */
export async function findClientId(api: Api, word: string): Promise<string> {
  return isClientId(word) ? word : (await findNamed(api, word)).client_id;
}

async function findNamed(api: Api, word: string): Promise<Client> {
  const clients = await api.list<Client>('/clients');
  return chooseOne(
    clients,
    'program',
    ({ client_id, client_name }) => client_id === word || client_name === word,
  );
}

/** As the server makes them for organizations. */
function isClientId(word: string): boolean {
  return /^client-[0-9A-Za-z]{22}$/.test(word);
}
