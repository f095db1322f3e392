import type { Target } from '../../audit/event.ts';
import {
  type AddClientRefusal,
  addClient,
  disableClient,
  enableClient,
  getClient,
  listClients,
  removeClient,
} from '../../clients/client.ts';
import { lockClient, updateClient } from '../../clients/client-update.ts';
import { parseRegistration, registrationWords } from '../../clients/registration.ts';
import { rotateClientSecret } from '../../clients/secret.ts';
import { AppError } from '../../errors.ts';
import type { Database } from '../../postgres/pool.ts';
import { createTokenFormat } from '../../secret.ts';
import type { Io } from '../io.ts';
import type { AddClientOptions } from './client-flags.ts';
import { clientFlags, clientFromFlags } from './client-flags.ts';
import { listUnoffered } from './client-offer.ts';
import { clientCard, clientJson, clientTable } from './client-view.ts';
import { confirm } from './confirmation.ts';
import { withDatabase } from './database.ts';
import { parseLifetime } from './lifetime.ts';
import { change } from './operator.ts';
import { listAll } from './pages.ts';
import { readRegistration, registrationError } from './registration-file.ts';
import { card } from './table.ts';

const keepIt = 'Keep the secret now: only its digest is stored, and it is not shown again.';

/** `postern client add`. */
export async function add(io: Io, options: AddClientOptions): Promise<void> {
  const parsed = parseRegistration(await readRegistration(io, options.file, clientFromFlags(options)));
  const refuse = (problems: string[]) =>
    registrationError('client', problems, options.file === undefined ? clientFlags : undefined);
  if ('problems' in parsed) throw refuse(parsed.problems);
  const { registration } = parsed;
  const added = await change(io, async (db, tell, config) => {
    const unoffered = listUnoffered(registration, config);
    if (unoffered.length > 0) throw refuse(unoffered);
    const result = await addClient(db, registration, createTokenFormat(config.tokenPrefix), io.clock);
    if ('client' in result)
      tell({ action: 'client.added', target: target(result.client.id, registration.name) });
    return result;
  });
  if ('refusal' in added) throw refusalError(registration.id, added);
  const { client, secret } = added;
  if (options.json) io.json({ ...clientJson(client), client_secret: secret });
  else {
    io.data(
      card([
        ['client_id', client.id],
        ['client_secret', secret],
      ]),
    );
  }
  io.say(secret === undefined ? `Added ${client.id}, which has no secret.` : `Added ${client.id}. ${keepIt}`);
}

/** `postern client update`. */
export async function update(io: Io, id: string, options: AddClientOptions): Promise<void> {
  const { json, ...flags } = options;
  const chosen = Object.entries(clientFromFlags(flags)).filter(([, value]) => value !== undefined);
  if (chosen.length === 0) throw new AppError('usage', 'Say what is to change; postern client update --help');
  const client = await change(io, async (db, tell) => {
    const before = await lockClient(db, id);
    const parsed = parseRegistration({ ...registrationWords(before), ...Object.fromEntries(chosen) });
    if ('problems' in parsed) throw registrationError('client', parsed.problems, clientFlags);
    const updated = await updateClient(db, before, parsed.registration);
    if ('refusal' in updated) throw refusalError(id, updated);
    const fields = chosen.map(([name]) => name);
    tell({ action: 'client.updated', target: target(id, before.name), details: { fields } });
    return await getClient(db, id);
  });
  if (json) io.json(clientJson(client));
  else io.data(clientCard(client));
  io.say(`Changed ${id}.`);
}

/** `postern client list`. */
export async function list(io: Io, options: { json?: boolean }): Promise<void> {
  const clients = await withDatabase(io, (db) =>
    listAll(
      (part) => listClients(db, {}, part),
      ({ place }) => place,
    ),
  );
  if (options.json) io.json(clients.map(clientJson));
  else if (clients.length > 0) io.data(clientTable(clients));
  else io.say('There are no clients yet; postern client add makes one.');
}

/** `postern client show`. */
export async function show(io: Io, id: string, options: { json?: boolean }): Promise<void> {
  const client = await withDatabase(io, (db) => getClient(db, id));
  if (options.json) io.json(clientJson(client));
  else io.data(clientCard(client));
}

/** `postern client rotate-secret`. */
export async function rotateSecret(
  io: Io,
  id: string,
  options: { overlap: string; force?: boolean; json?: boolean },
): Promise<void> {
  const overlapSeconds = parseLifetime(options.overlap);
  if (overlapSeconds === undefined || overlapSeconds > 31_536_000) {
    throw new AppError('usage', '--overlap: write a time of at most a year, such as 0, 15m or 7d');
  }
  const rotated = await change(io, async (db, tell, config) => {
    const result = await rotateClientSecret(db, id, {
      overlapSeconds,
      format: createTokenFormat(config.tokenPrefix),
      force: options.force === true,
      clock: io.clock,
    });
    const details = { overlap_seconds: overlapSeconds };
    if ('secret' in result) tell({ action: 'client.secret_rotated', target: target(id), details });
    return result;
  });
  if ('refusal' in rotated) {
    switch (rotated.refusal) {
      case 'unknown_client':
        throw new AppError('not_found', `There is no client ${id}`);
      case 'no_secret':
        throw new AppError(
          'conflict',
          `${id} has no secret: it is public, or has keys or a certificate of its own`,
        );
      case 'two_live': {
        const end = rotated.until ? `at ${rotated.until.toISOString()}` : 'only when it is ended';
        throw new AppError(
          'conflict',
          `${id} has two live secrets, and the older one ends ${end}; --force ends it now`,
        );
      }
    }
  }
  const { secret, previousExpiresAt } = rotated;
  if (options.json) {
    io.json({ client_id: id, client_secret: secret, previous_expires_at: previousExpiresAt?.toISOString() });
  } else {
    io.data(
      card([
        ['client_id', id],
        ['client_secret', secret],
      ]),
    );
  }
  const ended = overlapSeconds === 0 ? 'works no more' : `works until ${previousExpiresAt?.toISOString()}`;
  io.say(`${previousExpiresAt ? `The one before it ${ended}. ` : ''}${keepIt}`);
}

/** `postern client disable`. */
export async function disable(io: Io, id: string): Promise<void> {
  await changeFound(io, id, 'client.disabled', disableClient);
  io.say(`Disabled ${id}.`);
}

/** `postern client enable`. */
export async function enable(io: Io, id: string): Promise<void> {
  await changeFound(io, id, 'client.enabled', enableClient);
  io.say(`Enabled ${id}.`);
}

/** `postern client remove`. */
export async function remove(io: Io, id: string, options: { yes?: boolean }): Promise<void> {
  const question = `This removes the client ${id} with its secrets, for good.`;
  await confirm(io, { question, word: id, isAgreed: options.yes });
  await changeFound(io, id, 'client.removed', removeClient);
  io.say(`Removed ${id}.`);
}

/** Does `work` on the client of this id; AppError `not_found` where there is none. */
async function changeFound(
  io: Io,
  id: string,
  action: 'client.disabled' | 'client.enabled' | 'client.removed',
  work: (db: Database, id: string) => Promise<boolean>,
): Promise<void> {
  await change(io, async (db, tell) => {
    if (!(await work(db, id))) throw new AppError('not_found', `There is no client ${id}`);
    tell({ action, target: target(id) });
  });
}

function target(id: string, name?: string): Target {
  return { kind: 'client', id, name };
}

function refusalError(id: string, refused: AddClientRefusal): AppError {
  switch (refused.refusal) {
    case 'exists':
      return new AppError('conflict', `There is a client ${id} already`);
    case 'unknown_resource':
      return new AppError(
        'not_found',
        `There is no resource ${refused.resources.join(', ')}; postern resource add makes one`,
      );
    case 'unknown_scope': {
      const scopes = refused.scopes.map(({ resource, scope }) => `${scope} at ${resource}`);
      return new AppError('not_found', `There is no scope ${scopes.join(', ')}`);
    }
  }
}
