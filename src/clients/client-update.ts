import type { Database } from '../postgres/pool.ts';
import { scopeRows } from '../postgres/scopes.ts';
import { sql } from '../postgres/sql.ts';
import type { ScopePair } from '../scopes.ts';
import { type Client, getClient } from './client.ts';
import { replaceRegistration } from './client-replacement.ts';
import { setDevicePolicy } from './device-policy.ts';
import { isClientId, type Registration } from './registration.ts';

/** The client, as it stays until the transaction ends; AppError `not_found`. */
export async function lockClient(tx: Database, id: string): Promise<Client> {
  if (isClientId(id)) await tx.query(sql`select from clients where id = ${id} for no key update`);
  return await getClient(tx, id);
}

/** A scope that no resource has. */
export type UnknownScope = { refusal: 'unknown_scope'; scopes: ScopePair[] };

/**
 * Puts an operator's registration in the place of the one that the client has; the resources that it serves and those
 * that it exchanges tokens for stay. What was taken from a client that registered itself, it cannot take back: its grants
 * and scopes of now are its policy from now on.
 */
export async function updateClient(
  tx: Database,
  before: Client,
  registration: Registration,
): Promise<{ updated: true } | UnknownScope> {
  const unknown = await findUnknownScopes(tx, registration);
  if (unknown.length > 0) return { refusal: 'unknown_scope', scopes: unknown };
  await replaceRegistration(tx, registration, undefined);
  await setDevicePolicy(tx, registration);
  await tx.query(sql`
    update clients set publisher = ${registration.publisher},
      access_token_seconds = ${registration.accessTokenSeconds}::integer,
      device_code_seconds = ${registration.deviceCodeSeconds}::integer
    where id = ${before.id}`);
  const { grantTypes, allowed } = registration;
  await tx.query(sql`
    update client_registrations set policy = (policy::jsonb || ${JSON.stringify({ grantTypes, allowed })}::jsonb)::json
    where client_id = ${before.id}`);
  return { updated: true };
}

/** The scopes of a registration that are not there. */
export async function findUnknownScopes(
  db: Database,
  { allowed }: Registration,
): Promise<UnknownScope['scopes']> {
  return await db.query<ScopePair>(sql`
    select resource, scope
    from ${scopeRows(allowed)} left join resource_scopes as known using (resource, scope)
    where known.role is null`);
}
