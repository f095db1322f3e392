import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { isForeignKeyViolation } from '../postgres/sqlstate.ts';
import { deriveKey, open, randomText, seal, sha256, type TokenFormat } from '../secret.ts';
import { addClient, type Client, findClient, getClient } from './client.ts';
import { type ClientAbout, type MetadataRefusal, parseClientMetadata } from './client-metadata.ts';
import { isNameTaken } from './client-name.ts';
import { replaceRegistration } from './client-replacement.ts';
import { findInitialAccessToken, takeUse } from './initial-access-token.ts';
import { hasNoSecret, isClientId } from './registration.ts';
import type { RegistrationPolicy } from './registration-policy.ts';
import { hasSecret } from './secret.ts';

/** A client that registered itself. `token` manages it (RFC 7592); a new `secret` is the only copy. */
export type RegisteredClient = {
  client: Client;
  about: ClientAbout;
  token: string;
  secret?: string | undefined;
};

/** The token is not one for this: wrong, over, another client's, or its client is gone. */
export type UnknownToken = { refusal: 'unknown_token' };

/** The client is disabled, and may not manage itself either. */
export type Disabled = { refusal: 'disabled' };

/** What new tokens and secrets are made with. */
export type Issuing = { format: TokenFormat; clock: Clock };

const unknownToken: UnknownToken = { refusal: 'unknown_token' };

/** Registers a client (RFC 7591 section 3) within the policy of an initial access token, of which one use is spent. */
export async function registerClient(
  db: Database,
  initialAccessToken: string,
  metadata: unknown,
  { format, clock }: Issuing,
): Promise<RegisteredClient | UnknownToken | MetadataRefusal> {
  const found = await findInitialAccessToken(db, initialAccessToken);
  if (!found) return unknownToken;
  const parsed = parseClientMetadata(metadata, `client-${randomText(22)}`, found.policy);
  if ('refusal' in parsed) return parsed;
  const { registration, about } = parsed;
  if (await isNameTaken(db, registration.name)) return nameTaken;
  const token = format.issue('ra', clock.now());
  return db.transaction(async (transaction) => {
    if (!(await takeUse(transaction, initialAccessToken))) return unknownToken;
    const added = await addClient(transaction, registration, format, clock);
    if ('refusal' in added) throw policyOutdated(added);
    await transaction.query(sql`
      insert into client_registrations (client_id, initial_access_token, policy, about, token_digest)
      values (${registration.id}, ${found.name}, ${JSON.stringify(found.policy)}, ${JSON.stringify(about)}, ${sha256(token)})`);
    return { ...added, about, token };
  });
}

/** The client as it is registered (RFC 7592 section 2.1). */
export async function findRegisteredClient(
  db: Database,
  id: string,
  token: string,
): Promise<RegisteredClient | UnknownToken | Disabled> {
  const known = await proveRegistration(db, id, token);
  if ('refusal' in known) return known;
  return { client: known.client, about: known.about, token };
}

/**
 * Replaces what is registered (RFC 7592 section 2.2), within the policy that the client registered under. Yields the
 * successor of the token, the same one until it is used; the token itself works as long.
 */
export async function updateRegisteredClient(
  db: Database,
  { id, token, metadata }: { id: string; token: string; metadata: unknown },
  { format, clock }: Issuing,
): Promise<RegisteredClient | UnknownToken | Disabled | MetadataRefusal> {
  if (!isClientId(id)) return unknownToken;
  return db.transaction(async (transaction) => {
    // One update of a client at a time; they and their tokens come in one order.
    await transaction.query(sql`select from clients where id = ${id} for no key update`);
    const known = await proveRegistration(transaction, id, token);
    if ('refusal' in known) return known;
    const breach = checkIdentity(known.client, metadata);
    if (breach) return breach;
    const parsed = parseClientMetadata(metadata, id, known.policy);
    if ('refusal' in parsed) return parsed;
    const { registration, about } = parsed;
    if (await isNameTaken(transaction, registration.name)) return nameTaken;

    const promised = known.sealedNext && open(sealKey(token), known.sealedNext);
    const successor = promised?.toString() ?? format.issue('ra', clock.now());
    const [kept] = await transaction.query(sql`
      update client_registrations set about = ${JSON.stringify(about)},
        next_token_digest = ${sha256(successor)}, sealed_next_token = ${seal(sealKey(token), successor)}
      where client_id = ${id} and token_digest = ${sha256(token)} returning client_id`);
    if (!kept) return unknownToken;
    const needsSecret = !hasNoSecret(registration) && hasNoSecret(known.client);
    const secret = needsSecret ? format.issue('cs', clock.now()) : undefined;
    await replaceRegistration(transaction, registration, secret).catch((error: unknown) => {
      throw isForeignKeyViolation(error) ? policyOutdated(error) : error;
    });
    return { client: await getClient(transaction, id), about, token: successor, secret };
  });
}

/** Deletes the client for good (RFC 7592 section 2.3); its tokens are inactive with it. */
export async function removeRegisteredClient(
  db: Database,
  id: string,
  token: string,
): Promise<{ removed: true } | UnknownToken | Disabled> {
  const known = await proveRegistration(db, id, token);
  if ('refusal' in known) return known;
  const rows = await db.query(sql`
    delete from clients where id = ${id} and disabled_at is null
      and exists (select from client_registrations where client_id = ${id} and token_digest = ${sha256(token)})
    returning id`);
  return rows.length > 0 ? { removed: true } : unknownToken;
}

type Registered = {
  client: Client;
  about: ClientAbout;
  policy: RegistrationPolicy;
  /** The token that follows this one, if it has been given out. */
  sealedNext: Buffer | undefined;
};

/** What is registered under this token. The first use of a successor ends the token before it. */
async function proveRegistration(
  db: Database,
  id: string,
  token: string,
): Promise<Registered | UnknownToken | Disabled> {
  if (!isClientId(id)) return unknownToken;
  const digest = sha256(token);
  const [row] = await db.query<RegistrationRow>(sql`
    with succeeded as (
      update client_registrations
      set token_digest = next_token_digest, next_token_digest = null, sealed_next_token = null
      where client_id = ${id} and next_token_digest = ${digest}
    )
    select policy, about, case when token_digest = ${digest} then sealed_next_token end as sealed_next
    from client_registrations
    where client_id = ${id} and (token_digest = ${digest} or next_token_digest = ${digest})`);
  if (!row) return unknownToken;
  const client = await findClient(db, id);
  if (!client) return unknownToken;
  if (!client.isLive) return { refusal: 'disabled' };
  return { client, policy: row.policy, about: row.about, sealedNext: row.sealed_next ?? undefined };
}

/** RFC 7592 section 2.2: an update names its client, and neither chooses a secret nor tells what only the server tells. */
function checkIdentity(client: Client, metadata: unknown): MetadataRefusal | undefined {
  const given = Object(metadata) as Record<string, unknown>;
  const said = serverFields.filter((name) => given[name] !== undefined);
  if (said.length > 0) return refuse(`leave out ${said.join(', ')}`);
  if (given.client_id !== client.id) return refuse('client_id: write that of this client');
  const secret = given.client_secret ?? undefined;
  if (secret !== undefined && !(typeof secret === 'string' && hasSecret(client, secret)))
    return refuse('client_secret: leave it out, or write the present one');
  return undefined;
}

const serverFields = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

function refuse(description: string): MetadataRefusal {
  return { refusal: 'metadata', error: 'invalid_client_metadata', description };
}

const nameTaken = refuse('client_name: write another; a client that this server vouches for is called so');

function policyOutdated(cause: unknown): AppError {
  return new AppError('conflict', 'Something that this token allows is not there any more', { cause });
}

function sealKey(token: string): Buffer {
  return deriveKey(token, 'next registration access token');
}

type RegistrationRow = { policy: RegistrationPolicy; about: ClientAbout; sealed_next: Buffer | null };
