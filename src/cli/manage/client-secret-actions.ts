import { confirm } from '../admin/confirmation.ts';
import { card } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { inPath, openApi } from './api.ts';
import { chooseOne, isBeginningOf } from './choose.ts';
import { findClientId, getClient } from './client-actions.ts';
import { type ClientSecret, secretTable } from './client-view.ts';
import { readExpiry } from './expiry.ts';
import type { ApiFlags } from './flags.ts';
import { print, printList } from './print.ts';

/** `postern clients secrets`. */
export async function list(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const { secrets } = await getClient(api, word);
  printList(io, secrets, flags, { textOf: secretTable, none: 'This program has no live secret.' });
}

/** `postern clients add-secret`. */
export async function add(io: Io, word: string, flags: ApiFlags & { expires?: string }): Promise<void> {
  const expiresAt = flags.expires === undefined ? null : readExpiry(io, flags.expires);
  const api = await openApi(io, flags);
  const id = await findClientId(api, word);
  const { body: added } = await api.ask<ClientSecret & { client_secret: string }>(
    'POST',
    `/clients/${inPath(id)}/secrets`,
    { body: expiresAt === null ? {} : { expires_at: expiresAt }, fields: { expires_at: '--expires' } },
  );
  print(io, added, flags, () =>
    card([
      ['client_id', id],
      ['client_secret', added.client_secret],
    ]),
  );
  io.say('Keep the secret now: it is not shown again.');
}

/** `postern clients end-secret`. */
export async function end(
  io: Io,
  word: string,
  secret: string,
  flags: ApiFlags & { yes?: boolean },
): Promise<void> {
  const api = await openApi(io, flags);
  const { client_id, secrets } = await getClient(api, word);
  const { id } = chooseOne(secrets, 'live secret', (each) => isBeginningOf(each.id, secret));
  if (secrets.length === 1) {
    const question = `This is the only secret of ${client_id}, which cannot authenticate without one.`;
    await confirm(io, { question, word: 'end', isAgreed: flags.yes });
  }
  await api.ask('DELETE', `/clients/${inPath(client_id)}/secrets/${inPath(id)}`);
  io.say(`Ended the secret ${id} of ${client_id}.`);
}
