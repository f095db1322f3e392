import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { AccessTokenFormat, ResourceRegistration, SigningAlgorithm } from './registration.ts';

/** A resource server's API: an audience of tokens (RFC 8707), and the scopes that exist there. */
export type Resource = ResourceRegistration & {
  accessTokenFormat: AccessTokenFormat;
  accessTokenAlgorithm: SigningAlgorithm;
  listed: boolean;
  /** The least role of a member that has each scope without being given it. */
  roles: Record<string, ScopeRole>;
  createdAt: Date;
};

/** Who can have a scope without being given it; what is the operator’s, nobody has by a role. */
export const scopeRoles = ['member', 'administrator', 'operator'] as const;

/** Who has a scope without being given it. */
export type ScopeRole = (typeof scopeRoles)[number];

/** Adds a resource with its scopes. */
export async function addResource(
  db: Database,
  registration: ResourceRegistration,
): Promise<{ resource: Resource } | { refusal: 'exists' }> {
  const { uri, name, scopes, accessTokenSeconds } = registration;
  const { accessTokenFormat = 'opaque', accessTokenAlgorithm = 'ES256', listed = false } = registration;
  const [added] = await db.query<{ created_at: Date }>(sql`
    with added as (
      insert into resources (uri, name, access_token_seconds, access_token_format, access_token_algorithm, listed)
      values (${uri}, ${name}, ${accessTokenSeconds}, ${accessTokenFormat}, ${accessTokenAlgorithm}, ${listed})
      on conflict (uri) do nothing
      returning uri, created_at
    ), scopes as (
      insert into resource_scopes (resource, scope, description)
      select added.uri, scope, description
      from added, unnest(${Object.keys(scopes)}::text[], ${Object.values(scopes)}::text[]) as pair (scope, description)
    )
    select created_at from added`);
  if (!added) return { refusal: 'exists' };
  return {
    resource: {
      ...registration,
      accessTokenFormat,
      accessTokenAlgorithm,
      listed,
      roles: Object.fromEntries(Object.keys(scopes).map((scope) => [scope, 'member' as const])),
      createdAt: added.created_at,
    },
  };
}

/** What can be changed of a resource; what is absent stays as it is, and without a lifetime (`null`) its clients say it. */
export type ResourceChange = Partial<
  Pick<Resource, 'name' | 'scopes' | 'accessTokenFormat' | 'accessTokenAlgorithm' | 'listed'>
> & { accessTokenSeconds?: number | null };

/**
 * Changes a resource if `isExpected` says yes to what stands there at that moment; else nothing and `unexpected`. A scope
 * that is gone is gone wherever it was used.
 */
export async function changeResource(
  db: Database,
  uri: string,
  change: ResourceChange,
  isExpected: (before: Resource) => boolean = () => true,
): Promise<{ resource: Resource } | { refusal: 'not_found' | 'unexpected' }> {
  return await db.transaction(async (tx) => {
    if (uri.includes('\0')) return { refusal: 'not_found' };
    await tx.query(sql`select from resources where uri = ${uri} for update`);
    const before = await findResource(tx, uri);
    if (!before) return { refusal: 'not_found' };
    if (!isExpected(before)) return { refusal: 'unexpected' };
    const after = { ...before, ...change };
    await tx.query(sql`
      update resources set name = ${after.name}, access_token_seconds = ${after.accessTokenSeconds ?? null}::integer,
        access_token_format = ${after.accessTokenFormat}, access_token_algorithm = ${after.accessTokenAlgorithm},
        listed = ${after.listed}
      where uri = ${uri}`);
    if (change.scopes) await replaceScopes(tx, uri, change.scopes);
    return { resource: (await findResource(tx, uri)) as Resource };
  });
}

async function replaceScopes(tx: Database, uri: string, scopes: Record<string, string>): Promise<void> {
  const names = Object.keys(scopes);
  await tx.query(
    sql`delete from resource_scopes where resource = ${uri} and scope <> all (${names}::text[])`,
  );
  await tx.query(sql`
    insert into resource_scopes (resource, scope, description)
    select ${uri}, scope, description
    from unnest(${names}::text[], ${Object.values(scopes)}::text[]) as pair (scope, description)
    on conflict (resource, scope) do update set description = excluded.description`);
}

/** A scope of ours, in words, and the least role of a member that has it without being given it. */
export type RoleScope = {
  scope: string;
  description: string;
  role: ScopeRole;
};

/**
 * Adds a resource of our own with its scopes, or brings the one that is there up to date; one that somebody has registered
 * under this URI is `taken` and stays as it is. Any number of servers may do so at once.
 */
export async function ensureResource(
  db: Database,
  { uri, name, scopes }: { uri: string; name: string; scopes: readonly RoleScope[] },
): Promise<{ ensured: true } | { refusal: 'taken' }> {
  const names = scopes.map(({ scope }) => scope);
  const rows = await db.query(sql`
    with resource as (
      insert into resources (uri, name, is_own) values (${uri}, ${name}, true)
      on conflict (uri) do update set name = excluded.name where resources.is_own
      returning uri
    ), outdated as (
      delete from resource_scopes using resource where resource_scopes.resource = uri and scope <> all (${names})
    ), scopes as (
      insert into resource_scopes (resource, scope, description, role)
      select uri, scope, description, role
      from resource, unnest(
        ${names}::text[], ${scopes.map(({ description }) => description)}::text[], ${scopes.map(({ role }) => role)}::text[]
      ) as wanted (scope, description, role)
      order by scope
      on conflict (resource, scope) do update set description = excluded.description, role = excluded.role
    )
    select uri from resource`);
  return rows.length > 0 ? { ensured: true } : { refusal: 'taken' };
}

/** The resource of exactly this URI. Any text may be asked for. */
export async function findResource(db: Database, uri: string): Promise<Resource | undefined> {
  return (await findResources(db, [uri])).get(uri);
}

/** Those resources that exist, by URI, in one round trip. */
export async function findResources(db: Database, uris: readonly string[]): Promise<Map<string, Resource>> {
  // PostgreSQL refuses text with NUL bytes; a resource can have no such URI.
  const possible = uris.filter((uri) => !uri.includes('\0'));
  if (possible.length === 0) return new Map();
  const rows = await db.query<ResourceRow>(sql`${selection} where uri = any(${possible})`);
  return new Map(rows.map((row) => [row.uri, toResource(row)]));
}

/** At most `limit` resources in the order of their URIs, from the one behind `after` on; `search` is a part of the name or the URI. */
export async function listResources(
  db: Database,
  { after = '', limit = 100, search }: { after?: string; limit?: number; search?: string | undefined } = {},
): Promise<Resource[]> {
  const rows = await db.query<ResourceRow>(sql`
    ${selection}
    where uri > ${after} and (${search}::text is null or strpos(lower(concat_ws(' ', name, uri)), lower(${search})) > 0)
    order by uri limit ${limit}`);
  return rows.map(toResource);
}

/** The URIs of at most `limit` resources that the server's metadata may name, in their order. */
export async function listListedResources(db: Database, limit = 500): Promise<string[]> {
  const rows = await db.query<{ uri: string }>(
    sql`select uri from resources where listed order by uri limit ${limit}`,
  );
  return rows.map(({ uri }) => uri);
}

const selection = sql`
  select uri, name, access_token_seconds, access_token_format, access_token_algorithm, listed, created_at,
    (
      select coalesce(json_object_agg(scope, description order by scope), '{}')
      from resource_scopes where resource = uri
    ) as scopes,
    (
      select coalesce(json_object_agg(scope, role order by scope), '{}')
      from resource_scopes where resource = uri
    ) as roles
  from resources`;

type ResourceRow = {
  uri: string;
  name: string;
  access_token_seconds: number | null;
  access_token_format: AccessTokenFormat;
  access_token_algorithm: SigningAlgorithm;
  listed: boolean;
  created_at: Date;
  scopes: Record<string, string>;
  roles: Record<string, ScopeRole>;
};

function toResource(row: ResourceRow): Resource {
  return {
    uri: row.uri,
    name: row.name,
    scopes: row.scopes,
    accessTokenSeconds: row.access_token_seconds ?? undefined,
    accessTokenFormat: row.access_token_format,
    accessTokenAlgorithm: row.access_token_algorithm,
    listed: row.listed,
    roles: row.roles,
    createdAt: row.created_at,
  };
}
