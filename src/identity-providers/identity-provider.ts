import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { isUniqueViolation } from '../postgres/sqlstate.ts';

/** An OpenID provider that people may sign in at. */
export type IdentityProvider = {
  /** A short name for addresses and commands. */
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  /** See `openClientSecret`; absent for a public client. */
  sealedSecret: Buffer | undefined;
  scopes: string[];
  /** Whether a verified address is enough to sign in as who has it here already. */
  linksVerifiedEmail: boolean;
  /** The organization whose people it knows; the operator's own belong to none, and may know anybody. */
  organizationId: string | undefined;
  organizationName: string | undefined;
  /** What people of its domains become in that organization. */
  role: 'administrator' | 'member';
  /** Domains of addresses that it speaks for. */
  domains: string[];
  createdAt: Date;
  disabledAt: Date | undefined;
};

/** What an operator says of a provider. */
export type ProviderRegistration = Pick<
  IdentityProvider,
  | 'id'
  | 'name'
  | 'issuer'
  | 'clientId'
  | 'sealedSecret'
  | 'scopes'
  | 'linksVerifiedEmail'
  | 'organizationId'
  | 'role'
  | 'domains'
>;

/** What can be changed: whose subjects it knows, and where they belong, is for ever. What is absent stays as it is. */
export type ProviderChange = Partial<Omit<ProviderRegistration, 'id' | 'issuer' | 'organizationId'>>;

/** Why a provider was not added or changed. A domain is one provider's. */
export type ProviderRefusal = { refusal: 'exists' | 'not_found' | 'domain_taken' };

/** Adds a provider; after a refusal the caller rolls back. */
export async function addIdentityProvider(
  db: Database,
  registration: ProviderRegistration,
): Promise<{ provider: IdentityProvider } | ProviderRefusal> {
  const { id, scopes, linksVerifiedEmail, organizationId, role } = registration;
  const rows = await db.query(sql`
    insert into identity_providers (
      id, name, issuer, client_id, sealed_secret, scopes, links_verified_email, organization_id, role
    )
    values (
      ${id}, ${registration.name}, ${registration.issuer}, ${registration.clientId},
      ${registration.sealedSecret}, ${scopes}, ${linksVerifiedEmail}, ${organizationId}::uuid, ${role}
    )
    on conflict do nothing
    returning id`);
  if (rows.length === 0) return { refusal: 'exists' };
  if (!(await setDomains(db, id, registration.domains))) return { refusal: 'domain_taken' };
  return { provider: (await findIdentityProvider(db, id)) as IdentityProvider };
}

/** Changes a provider; after a refusal the caller rolls back. */
export async function changeIdentityProvider(
  db: Database,
  id: string,
  change: ProviderChange,
): Promise<{ provider: IdentityProvider } | ProviderRefusal> {
  const rows = await db.query(sql`
    update identity_providers set
      name = coalesce(${change.name}::text, name),
      client_id = coalesce(${change.clientId}::text, client_id),
      sealed_secret = coalesce(${change.sealedSecret}::bytea, sealed_secret),
      scopes = coalesce(${change.scopes}::text[], scopes),
      links_verified_email = coalesce(${change.linksVerifiedEmail}::boolean, links_verified_email),
      role = coalesce(${change.role}::text, role)
    where id = ${id}
    returning id`);
  if (rows.length === 0) return { refusal: 'not_found' };
  if (change.domains && !(await setDomains(db, id, change.domains))) return { refusal: 'domain_taken' };
  return { provider: (await findIdentityProvider(db, id)) as IdentityProvider };
}

/** The provider of this id, disabled or not. Any text may be asked for. */
export async function findIdentityProvider(db: Database, id: string): Promise<IdentityProvider | undefined> {
  if (!isProviderId(id)) return undefined;
  const [row] = await db.query<ProviderRow>(sql`${selection} where identity_providers.id = ${id}`);
  return row && toProvider(row);
}

/** At most `limit` providers in the order of their ids, from the one behind `after` on. */
export async function listIdentityProviders(
  db: Database,
  { after = '', limit = 100 }: { after?: string; limit?: number } = {},
): Promise<IdentityProvider[]> {
  const rows = await db.query<ProviderRow>(sql`
    ${selection} where identity_providers.id > ${after} order by identity_providers.id limit ${limit}`);
  return rows.map(toProvider);
}

/**
 * The providers to choose from at the sign-in, by name: the operator's, and before them those of one organization, or of
 * whose addresses have this domain. Who else has a provider is nobody's business.
 */
export async function listOfferedProviders(
  db: Database,
  { organizationId, domain }: { organizationId?: string | undefined; domain?: string | undefined } = {},
): Promise<{ id: string; name: string; isOwn: boolean }[]> {
  return await db.query<{ id: string; name: string; isOwn: boolean }>(sql`
    select id, name, organization_id is not null as "isOwn" from identity_providers
    where disabled_at is null and (
      organization_id is null or organization_id = ${organizationId}::uuid
      or id in (select provider_id from identity_provider_domains where domain = ${domain})
    )
    order by organization_id is null, name, id limit 50`);
}

/** Whether some organization's provider can be found by the domain of an address. */
export async function hasDomainProviders(db: Database): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 from identity_providers join identity_provider_domains on provider_id = id
    where disabled_at is null and organization_id is not null limit 1`);
  return rows.length > 0;
}

/** From now on nobody signs in there, and who has is signed out. False if there is no such provider. */
export async function disableIdentityProvider(db: Database, id: string): Promise<boolean> {
  const rows = await db.query(sql`
    update identity_providers set disabled_at = coalesce(disabled_at, now()) where id = ${id} returning id`);
  return rows.length > 0;
}

/** Undoes `disableIdentityProvider`. False if there is no such provider. */
export async function enableIdentityProvider(db: Database, id: string): Promise<boolean> {
  const rows = await db.query(
    sql`update identity_providers set disabled_at = null where id = ${id} returning id`,
  );
  return rows.length > 0;
}

/** Removes a provider with what is known of its people's identities. False if there is no such provider. */
export async function removeIdentityProvider(db: Database, id: string): Promise<boolean> {
  const rows = await db.query(sql`delete from identity_providers where id = ${id} returning id`);
  return rows.length > 0;
}

/** Whether a text can be the id of a provider: 1 to 40 lower-case letters, digits and hyphens, a letter first. */
export function isProviderId(text: string): boolean {
  return /^[a-z][a-z0-9-]{0,39}$/.test(text);
}

/** False where one of them is another provider's; the transaction is over then. */
async function setDomains(db: Database, id: string, domains: readonly string[]): Promise<boolean> {
  await db.query(sql`delete from identity_provider_domains where provider_id = ${id}`);
  try {
    await db.query(sql`
      insert into identity_provider_domains (domain, provider_id)
      select distinct domain, ${id} from unnest(${domains}::text[]) as wanted (domain)`);
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

const selection = sql`
  select identity_providers.*, organizations.name as organization_name,
    array(
      select domain from identity_provider_domains
      where provider_id = identity_providers.id order by domain
    ) as domains
  from identity_providers left join organizations on organizations.id = identity_providers.organization_id`;

type ProviderRow = {
  id: string;
  name: string;
  issuer: string;
  client_id: string;
  sealed_secret: Buffer | null;
  scopes: string[];
  links_verified_email: boolean;
  organization_id: string | null;
  organization_name: string | null;
  role: 'administrator' | 'member';
  domains: string[];
  created_at: Date;
  disabled_at: Date | null;
};

function toProvider(row: ProviderRow): IdentityProvider {
  return {
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    sealedSecret: row.sealed_secret ?? undefined,
    scopes: row.scopes,
    linksVerifiedEmail: row.links_verified_email,
    organizationId: row.organization_id ?? undefined,
    organizationName: row.organization_name ?? undefined,
    role: row.role,
    domains: row.domains,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
  };
}
