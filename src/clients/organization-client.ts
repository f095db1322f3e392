import type { Clock } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { TokenFormat } from '../secret.ts';
import { type AddClientRefusal, type AddedClient, addClient, type Client, findClient } from './client.ts';
import { isNameTaken } from './client-name.ts';
import { replaceRegistration } from './client-replacement.ts';
import { findUnknownScopes } from './client-update.ts';
import { setDevicePolicy } from './device-policy.ts';
import { isClientId, type Registration } from './registration.ts';

/** Why a client of an organization was not added or changed; `name_taken`: people would take it for one of the operator's. */
export type OrganizationClientRefusal = AddClientRefusal | { refusal: 'name_taken' };

/** Adds a client that belongs to an organization. */
export async function addOrganizationClient(
  db: Database,
  organizationId: string,
  registration: Registration,
  { format, clock }: { format: TokenFormat; clock: Clock },
): Promise<AddedClient | OrganizationClientRefusal> {
  if (await isNameTaken(db, registration.name)) return { refusal: 'name_taken' };
  return await db.transaction(async (tx) => {
    const added = await addClient(tx, registration, format, clock);
    if ('refusal' in added) return added;
    await tx.query(sql`
      update clients set organization_id = ${organizationId}::uuid where id = ${registration.id}`);
    return { ...added, client: { ...added.client, organizationId } };
  });
}

/** The client, enabled or not, if it belongs to the organization. Any text may be asked for. */
export async function findOrganizationClient(
  db: Database,
  organizationId: string,
  id: string,
): Promise<Client | undefined> {
  const client = await findClient(db, id);
  return client?.organizationId === organizationId ? client : undefined;
}

/** Finds a client of the organization that stays as it is until the transaction ends. */
export async function lockOrganizationClient(
  tx: Database,
  organizationId: string,
  id: string,
): Promise<Client | undefined> {
  if (!isClientId(id)) return undefined;
  await tx.query(sql`select from clients where id = ${id} for no key update`);
  return await findOrganizationClient(tx, organizationId, id);
}

/** Puts another registration in the place of the one that the client has; its scopes must exist. */
export async function changeOrganizationClient(
  tx: Database,
  before: Client,
  registration: Registration,
): Promise<{ changed: true } | OrganizationClientRefusal> {
  if (registration.name !== before.name && (await isNameTaken(tx, registration.name)))
    return { refusal: 'name_taken' };
  const unknown = await findUnknownScopes(tx, registration);
  if (unknown.length > 0) return { refusal: 'unknown_scope', scopes: unknown };
  await replaceRegistration(tx, registration, undefined);
  await setDevicePolicy(tx, registration);
  await tx.query(sql`
    update clients set access_token_seconds = ${registration.accessTokenSeconds}::integer where id = ${before.id}`);
  return { changed: true };
}
