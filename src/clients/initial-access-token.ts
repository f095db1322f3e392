import type { Clock } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { scopeRows } from '../postgres/scopes.ts';
import { sql } from '../postgres/sql.ts';
import type { ScopePair } from '../scopes.ts';
import { sha256, type TokenFormat } from '../secret.ts';
import type { InitialAccessTokenRequest, RegistrationPolicy } from './registration-policy.ts';

/** What lets its holder register clients (RFC 7591 section 3), as it stands in the database. */
export type InitialAccessToken = {
  name: string;
  policy: RegistrationPolicy;
  /** Absent where there is no end to them. */
  usesLeft: number | undefined;
  createdAt: Date;
  expiresAt: Date | undefined;
  /** By the database's clock, and by what is left of its uses. */
  isLive: boolean;
  /** How many clients have registered with a token of this name and are still here. */
  clients: number;
};

/** Why no token was made. */
export type AddTokenRefusal = { refusal: 'exists' } | { refusal: 'unknown_scope'; scopes: ScopePair[] };

/** Makes an initial access token. Its text is the only copy: the database keeps its SHA-256. */
export async function addInitialAccessToken(
  db: Database,
  { name, policy, uses, lifetimeSeconds }: InitialAccessTokenRequest,
  { format, clock }: { format: TokenFormat; clock: Clock },
): Promise<{ text: string } | AddTokenRefusal> {
  const text = format.issue('it', clock.now());
  const [outcome] = await db.query<{ added: boolean; unknown: ScopePair[] | null }>(sql`
    with unknown as (
      select resource, scope
      from ${scopeRows(policy.allowed)} left join resource_scopes as known using (resource, scope)
      where known.role is null
    ), added as (
      insert into initial_access_tokens (name, digest, policy, uses_left, expires_at)
      select ${name}, ${sha256(text)}, ${JSON.stringify(policy)}::json, ${uses}::integer,
        now() + make_interval(secs => ${lifetimeSeconds}::float8)
      where not exists (select from unknown)
      on conflict (name) do nothing
      returning name
    )
    select exists (select from added) as added,
      (select json_agg(json_build_object('resource', resource, 'scope', scope)) from unknown) as unknown`);
  if (outcome?.added) return { text };
  if (outcome?.unknown) return { refusal: 'unknown_scope', scopes: outcome.unknown };
  return { refusal: 'exists' };
}

/** The live token of this text: not expired, and with a use left. */
export async function findInitialAccessToken(
  db: Database,
  text: string,
): Promise<{ name: string; policy: RegistrationPolicy } | undefined> {
  const [row] = await db.query<{ name: string; policy: RegistrationPolicy }>(
    sql`select name, policy from initial_access_tokens where digest = ${sha256(text)} and ${isLive}`,
  );
  return row;
}

/** Takes one use of a live token, however many want it at once. False where there was none to take. */
export async function takeUse(db: Database, text: string): Promise<boolean> {
  const rows = await db.query(sql`
    update initial_access_tokens set uses_left = uses_left - 1
    where digest = ${sha256(text)} and ${isLive} returning name`);
  return rows.length > 0;
}

/** At most `limit` tokens in the order of their names, from the one behind `after` on. */
export async function listInitialAccessTokens(
  db: Database,
  { after = '', limit = 100 }: { after?: string; limit?: number } = {},
): Promise<InitialAccessToken[]> {
  const rows = await db.query<TokenRow>(sql`
    select name, policy, uses_left, created_at, expires_at, ${isLive} as is_live,
      (select count(*)::integer from client_registrations where initial_access_token = name) as clients
    from initial_access_tokens where name > ${after} order by name limit ${limit}`);
  return rows.map((row) => ({
    name: row.name,
    policy: row.policy,
    usesLeft: row.uses_left ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    isLive: row.is_live,
    clients: row.clients,
  }));
}

/** Deletes a token; the clients that registered with it stay. False if there is no such token. */
export async function removeInitialAccessToken(db: Database, name: string): Promise<boolean> {
  const rows = await db.query(sql`delete from initial_access_tokens where name = ${name} returning name`);
  return rows.length > 0;
}

const isLive = sql`(expires_at is null or expires_at > now()) and (uses_left is null or uses_left > 0)`;

type TokenRow = {
  name: string;
  policy: RegistrationPolicy;
  uses_left: number | null;
  created_at: Date;
  expires_at: Date | null;
  is_live: boolean;
  clients: number;
};
