import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { newestFirst, type Part, type Placed } from '../postgres/newest-first.ts';
import type { Database } from '../postgres/pool.ts';
import { scopeRows } from '../postgres/scopes.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import type { ScopePair } from '../scopes.ts';
import { sha256, type TokenFormat } from '../secret.ts';
import type { SubjectField } from './certificate.ts';
import { hasNoSecret, isClientId, type Registration } from './registration.ts';

/** A secret that was live when the client was read: its name, its SHA-256, and its end if it has one. */
export type ClientSecret = { id: string; digest: Buffer; createdAt: Date; expiresAt: Date | undefined };

/** A program that asks for tokens (RFC 6749 section 2), as it stands in the database. */
export type Client = Registration & {
  /** Oldest first, two at most; the database's clock judged which are live. */
  secrets: ClientSecret[];
  /** The organization that it belongs to; absent for the operator's own. */
  organizationId: string | undefined;
  /** The initial access token with which it registered itself; absent where an operator has added it. */
  registeredWith?: string | undefined;
  createdAt: Date;
  disabledAt: Date | undefined;
  /** Whether it may act: neither it nor its organization is disabled. */
  isLive: boolean;
  /** When it has authenticated last, a few seconds late. */
  lastUsedAt: Date | undefined;
  /** Another one when the client is registered anew, and when all its tokens are ended: those of before are dead. */
  generation: number;
};

/** The secret is the only copy: the database keeps its SHA-256. Absent for a public client. */
export type AddedClient = { client: Client; secret?: string };

/** Why a client was not added. */
export type AddClientRefusal =
  | { refusal: 'exists' }
  | { refusal: 'unknown_resource'; resources: string[] }
  | { refusal: 'unknown_scope'; scopes: ScopePair[] };

/** Adds a client with a new secret, unless it is public or has keys of its own. */
export function addClient(
  db: Database,
  registration: Registration,
  format: TokenFormat,
  clock: Clock = systemClock,
): Promise<AddedClient | AddClientRefusal> {
  const secret = hasNoSecret(registration) ? undefined : format.issue('cs', clock.now());
  return addClientWithSecret(db, registration, secret);
}

/** Adds a client with a secret that the caller has chosen; what people may rely on is `addClient`. */
export async function addClientWithSecret(
  db: Database,
  registration: Registration,
  secret: string | undefined,
): Promise<AddedClient | AddClientRefusal> {
  return db.transaction(async (transaction) => {
    const [outcome] = await transaction.query<InsertOutcome>(insertion(registration, secret));
    if (outcome?.added) {
      const client = await getClient(transaction, registration.id);
      return secret === undefined ? { client } : { client, secret };
    }
    if (outcome?.unknown_resources?.length) {
      return { refusal: 'unknown_resource', resources: outcome.unknown_resources };
    }
    if (outcome?.unknown_scopes?.length) return { refusal: 'unknown_scope', scopes: outcome.unknown_scopes };
    return { refusal: 'exists' };
  });
}

/** The client, enabled or not, in one round trip. Any text may be asked for. */
export async function findClient(db: Database, id: string): Promise<Client | undefined> {
  return (await findClients(db, [id])).get(id);
}

/** Those clients that exist, by id, in one round trip. */
export async function findClients(db: Database, ids: readonly string[]): Promise<Map<string, Client>> {
  const possible = ids.filter(isClientId);
  if (possible.length === 0) return new Map();
  const rows = await db.query<ClientRow>(sql`${selection} where clients.id = any(${possible})`);
  return new Map(rows.map((row) => [row.id, toClient(row)]));
}

/** Like `findClient`, or AppError `not_found`. */
export async function getClient(db: Database, id: string): Promise<Client> {
  const client = await findClient(db, id);
  if (!client) throw new AppError('not_found', `There is no client ${id}`);
  return client;
}

/**
 * A part of the clients (those of an organization, where one is named), the newest first; `search` is a part of the name
 * or the id.
 */
export async function listClients(
  db: Database,
  { organizationId, search }: { organizationId?: string; search?: string | undefined } = {},
  { after, limit = 100 }: Part = {},
): Promise<Placed<Client>[]> {
  const rows = await db.query<Placed<ClientRow>>(sql`
    ${selection}
    where (${organizationId}::uuid is null or organization_id = ${organizationId}::uuid)
      and (${search}::text is null or strpos(lower(concat_ws(' ', name, clients.id)), lower(${search})) > 0)
      and ${made.behind(after)}
    order by ${made.order} limit ${limit}`);
  return rows.map((row) => ({ ...toClient(row), place: row.place }));
}

/** From now on the client authenticates no more and its tokens are inactive. False if there is no such client. */
export async function disableClient(db: Database, id: string): Promise<boolean> {
  if (!isClientId(id)) return false;
  const rows = await db.query(
    sql`update clients set disabled_at = coalesce(disabled_at, now()) where id = ${id} returning id`,
  );
  return rows.length > 0;
}

/** Undoes `disableClient`. False if there is no such client. */
export async function enableClient(db: Database, id: string): Promise<boolean> {
  if (!isClientId(id)) return false;
  const rows = await db.query(sql`update clients set disabled_at = null where id = ${id} returning id`);
  return rows.length > 0;
}

/** Makes every token inactive that the client has got until now. False if there is no such client. */
export async function endClientTokens(db: Database, id: string): Promise<boolean> {
  const rows = await db.query(
    sql`update clients set tokens_not_before = now() where id = ${id} returning id`,
  );
  return rows.length > 0;
}

/** Deletes the client with its secrets and allow-list, for good. False if there is no such client. */
export async function removeClient(db: Database, id: string): Promise<boolean> {
  if (!isClientId(id)) return false;
  const rows = await db.query(sql`delete from clients where id = ${id} returning id`);
  return rows.length > 0;
}

type InsertOutcome = {
  added: boolean;
  unknown_resources: string[] | null;
  unknown_scopes: ScopePair[] | null;
};

// One statement: what is unknown is named, and nothing is written unless everything is known.
function insertion(registration: Registration, secret: string | undefined): Sql {
  const exchanges = Object.entries(registration.exchanges ?? {}).flatMap(([subject, targets]) =>
    targets.map((target) => ({ subject, target })),
  );
  const named = [
    ...Object.keys(registration.allowed),
    ...registration.audiences,
    ...exchanges.flatMap(({ subject, target }) => [subject, target]),
  ];
  if (registration.defaultResource !== undefined) named.push(registration.defaultResource);
  return sql`
    with wanted as (
      select * from ${scopeRows(registration.allowed)}
    ), unknown_resources as (
      select distinct uri from unnest(${named}::text[]) as named (uri)
      where not exists (select from resources where resources.uri = named.uri)
    ), unknown_scopes as (
      select resource, scope from wanted
      where not exists (
        select from resource_scopes as known where known.resource = wanted.resource and known.scope = wanted.scope
      )
    ), client as (
      insert into clients (
        id, name, publisher, authentication, grant_types, default_resource,
        access_token_seconds, refresh_token_seconds, device_code_seconds, jwks, jwks_uri,
        dpop_bound_access_tokens, require_dpop_nonce, verification_uri_complete,
        number_matching, same_network, step_up_scopes,
        certificate_field, certificate_subject, certificate_bound_access_tokens
      )
      select ${registration.id}, ${registration.name}, ${registration.publisher}, ${registration.authentication},
        ${registration.grantTypes}::text[], ${registration.defaultResource},
        ${registration.accessTokenSeconds}::integer, ${registration.refreshTokenSeconds}::integer,
        ${registration.deviceCodeSeconds}::integer, ${registration.jwks && JSON.stringify(registration.jwks)}::json,
        ${registration.jwksUri},
        ${registration.dpopBoundAccessTokens ?? false}::boolean, ${registration.requireDpopNonce ?? false}::boolean,
        ${registration.verificationUriComplete ?? true}::boolean,
        ${registration.numberMatching ?? false}::boolean, ${registration.sameNetwork ?? false}::boolean,
        ${registration.stepUpScopes ?? []}::text[],
        ${registration.certificateSubject?.field}, ${registration.certificateSubject?.value},
        ${registration.certificateBoundAccessTokens ?? false}::boolean
      where not exists (select from unknown_resources) and not exists (select from unknown_scopes)
      on conflict (id) do nothing
      returning id
    ), secret as (
      insert into client_secrets (client_id, digest)
      select client.id, digest from client, (values (${secret === undefined ? null : sha256(secret)}::bytea)) as given (digest)
      where digest is not null
    ), scopes as (
      insert into client_scopes (client_id, resource, scope) select client.id, resource, scope from client, wanted
    ), exchanges as (
      insert into client_exchanges (client_id, subject_resource, resource)
      select client.id, subject, target
      from client, unnest(${exchanges.map(({ subject }) => subject)}::text[], ${exchanges.map(({ target }) => target)}::text[])
        as pair (subject, target)
      on conflict do nothing
    ), audiences as (
      insert into client_audiences (client_id, resource)
      select client.id, uri from client, unnest(${registration.audiences}::text[]) as uri
    )
    select exists (select from client) as added,
      (select json_agg(uri order by uri) from unknown_resources) as unknown_resources,
      (select json_agg(json_build_object('resource', resource, 'scope', scope)) from unknown_scopes) as unknown_scopes`;
}

/** The generation of a row of `clients`: the microsecond that it began in, by the database's clock. */
export const clientGeneration = sql`
  floor(extract(epoch from greatest(clients.created_at, clients.tokens_not_before)) * 1000000)::float8`;

const made = newestFirst(sql`clients.created_at`, sql`clients.id`);

// No `exists`: for one page of a list, PostgreSQL would read every client there is.
const isLive = sql`coalesce((select true from live_clients where live_clients.id = clients.id), false)`;

const selection = sql`
  select clients.*, ${made.place}, ${clientGeneration} as generation,
    ${isLive} as is_live,
    (
      select coalesce(json_agg(json_build_object(
        'id', id, 'digest', encode(digest, 'hex'), 'createdAt', created_at, 'expiresAt', expires_at
      ) order by created_at), '[]')
      from client_secrets
      where client_id = clients.id and (expires_at is null or expires_at > now())
    ) as secrets,
    (
      select coalesce(json_object_agg(resource, scopes), '{}')
      from (
        select resource, json_agg(scope order by scope) as scopes
        from client_scopes where client_id = clients.id group by resource order by resource
      ) as by_resource
    ) as allowed,
    array(select resource from client_audiences where client_id = clients.id order by resource) as audiences,
    (
      select json_object_agg(subject_resource, targets)
      from (
        select subject_resource, json_agg(resource order by resource) as targets
        from client_exchanges where client_id = clients.id group by subject_resource order by subject_resource
      ) as by_subject
    ) as exchanges,
    (select initial_access_token from client_registrations where client_id = clients.id) as registered_with
  from clients`;

type ClientRow = {
  id: string;
  name: string;
  publisher: string | null;
  authentication: Registration['authentication'];
  grant_types: Registration['grantTypes'];
  default_resource: string | null;
  access_token_seconds: number | null;
  refresh_token_seconds: number | null;
  device_code_seconds: number | null;
  jwks: Registration['jwks'] | null;
  jwks_uri: string | null;
  dpop_bound_access_tokens: boolean;
  require_dpop_nonce: boolean;
  organization_id: string | null;
  verification_uri_complete: boolean;
  number_matching: boolean;
  same_network: boolean;
  step_up_scopes: string[];
  certificate_field: SubjectField | null;
  certificate_subject: string | null;
  certificate_bound_access_tokens: boolean;
  registered_with: string | null;
  created_at: Date;
  disabled_at: Date | null;
  is_live: boolean;
  last_used_at: Date | null;
  generation: number;
  secrets: { id: string; digest: string; createdAt: string; expiresAt: string | null }[];
  allowed: Record<string, string[]>;
  audiences: string[];
  exchanges: Record<string, string[]> | null;
};

function toClient(row: ClientRow): Client {
  return {
    id: row.id,
    name: row.name,
    publisher: row.publisher ?? undefined,
    authentication: row.authentication,
    grantTypes: row.grant_types,
    defaultResource: row.default_resource ?? undefined,
    allowed: row.allowed,
    audiences: row.audiences,
    exchanges: row.exchanges ?? undefined,
    accessTokenSeconds: row.access_token_seconds ?? undefined,
    refreshTokenSeconds: row.refresh_token_seconds ?? undefined,
    deviceCodeSeconds: row.device_code_seconds ?? undefined,
    jwks: row.jwks ?? undefined,
    jwksUri: row.jwks_uri ?? undefined,
    dpopBoundAccessTokens: row.dpop_bound_access_tokens,
    requireDpopNonce: row.require_dpop_nonce,
    verificationUriComplete: row.verification_uri_complete,
    numberMatching: row.number_matching,
    sameNetwork: row.same_network,
    stepUpScopes: row.step_up_scopes,
    certificateSubject:
      row.certificate_field && row.certificate_subject
        ? { field: row.certificate_field, value: row.certificate_subject }
        : undefined,
    certificateBoundAccessTokens: row.certificate_bound_access_tokens,
    secrets: row.secrets.map(({ id, digest, createdAt, expiresAt }) => ({
      id,
      digest: Buffer.from(digest, 'hex'),
      createdAt: new Date(createdAt),
      expiresAt: expiresAt === null ? undefined : new Date(expiresAt),
    })),
    organizationId: row.organization_id ?? undefined,
    registeredWith: row.registered_with ?? undefined,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
    isLive: row.is_live,
    lastUsedAt: row.last_used_at ?? undefined,
    generation: row.generation,
  };
}
