import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { randomText, sha256 } from '../secret.ts';

/**
 * Who is signed in, since when, how (`amr`, RFC 8176) and at which identity provider if not here, and the organization
 * that they have chosen to act in, as long as they may. At a provider of an organization they act in that one.
 */
export type Session = {
  userId: string;
  email: string;
  authenticatedAt: Date;
  amr: string[];
  identityProvider: string | undefined;
  /** The organization whose provider has let them in: they are nobody elsewhere. */
  confinedTo: string | undefined;
  organizationId: string | undefined;
};

/** What an identity provider has said of a sign-in there. */
export type FederatedSignIn = {
  identityProvider: string;
  acr?: string | undefined;
  authenticatedAt?: Date | undefined;
};

/** A session as its person sees it. The id names it and is worth nothing as a cookie. */
import { redactTokens } from '../log.ts';
export type ListedSession = {
  id: string;
  authenticatedAt: Date;
  expiresAt: Date;
  amr: string[];
  address: string | undefined;
  agent: string | undefined;
};

// One working day: nobody signs in twice for the devices of one day, and a forgotten browser is locked by the next.
const hours = 12;

/** Begins a session and returns its id, 256 random bits as text for a cookie. Only its digest is stored. */
export async function createSession(
  db: Database,
  userId: string,
  amr: readonly string[],
  browser: { address?: string; agent?: string } = {},
  federated?: FederatedSignIn,
): Promise<string> {
  const id = randomText();
  await db.query(sql`
    insert into sessions (
      id_digest, user_id, amr, expires_at, address, agent, identity_provider, identity_provider_acr, authenticated_at
    )
    values (${sha256(id)}, ${userId}, ${amr}, now() + make_interval(hours => ${hours}),
      ${browser.address}::inet, ${browser.agent && redactTokens(browser.agent).slice(0, 200)}, ${federated?.identityProvider}, ${federated?.acr},
      least(${federated?.authenticatedAt}::timestamptz, now()))`);
  return id;
}

/**
 * The live session of this id, unless its user is disabled, or the provider where they signed in, or they are no member
 * any more of the organization that this belongs to. Any text may be asked for.
 */
export async function findSession(db: Database, id: string): Promise<Session | undefined> {
  if (!/^[0-9A-Za-z]{43}$/.test(id)) return undefined;
  const [row] = await db.query<SessionRow>(sql`
    select sessions.user_id, users.email, sessions.authenticated_at, sessions.amr, sessions.identity_provider,
      provider.organization_id as confined_to, members.organization_id
    from sessions
      join users on users.id = sessions.user_id
      left join identity_providers as provider on provider.id = sessions.identity_provider
      left join live_memberships as members on members.user_id = sessions.user_id
        and members.organization_id = coalesce(provider.organization_id, sessions.organization_id)
    where id_digest = ${sha256(id)} and expires_at > now() and users.disabled_at is null
      and provider.disabled_at is null
      and (provider.organization_id is null or members.organization_id is not null)`);
  return (
    row && {
      userId: row.user_id,
      email: row.email,
      authenticatedAt: row.authenticated_at,
      amr: row.amr,
      identityProvider: row.identity_provider ?? undefined,
      confinedTo: row.confined_to ?? undefined,
      organizationId: row.organization_id ?? undefined,
    }
  );
}

/** From now on the session acts in this organization. False unless its person is an enabled member there. */
export async function chooseOrganization(db: Database, id: string, organizationId: string): Promise<boolean> {
  const rows = await db.query(sql`
    update sessions set organization_id = ${organizationId}::uuid
    from live_memberships as own
    where id_digest = ${sha256(id)} and expires_at > now() and own.user_id = sessions.user_id
      and own.organization_id = ${organizationId}::uuid
    returning id_digest`);
  return rows.length > 0;
}

/** The live sessions of a person, newest first, at most 100. */
export async function listSessions(db: Database, userId: string): Promise<ListedSession[]> {
  const rows = await db.query<ListedRow>(sql`
    select encode(id_digest, 'hex') as id, authenticated_at, expires_at, amr, host(address) as address, agent
    from sessions where user_id = ${userId} and expires_at > now()
    order by authenticated_at desc limit 100`);
  return rows.map((row) => ({
    id: row.id,
    authenticatedAt: row.authenticated_at,
    expiresAt: row.expires_at,
    amr: row.amr,
    address: row.address ?? undefined,
    agent: row.agent ?? undefined,
  }));
}

/** Ends the session of this listed id. False if the person has no such one. */
export async function endSessionOfUser(db: Database, userId: string, id: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from sessions where user_id = ${userId} and id_digest = decode(${id}, 'hex') returning id_digest`);
  return rows.length > 0;
}

/** Ends one session, if it is there. */
export async function endSession(db: Database, id: string): Promise<void> {
  await db.query(sql`delete from sessions where id_digest = ${sha256(id)}`);
}

/** Ends every session of a person. */
export async function endSessionsOfUser(db: Database, userId: string): Promise<void> {
  await db.query(sql`delete from sessions where user_id = ${userId}`);
}

/** Removes up to `most` expired sessions, and tells how many. Any number of servers may sweep at once. */
export async function sweepSessions(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from sessions where id_digest in (
      select id_digest from sessions where expires_at < now()
      order by expires_at limit ${most} for update skip locked
    )
    returning id_digest`);
  return rows.length;
}

type SessionRow = {
  user_id: string;
  email: string;
  authenticated_at: Date;
  amr: string[];
  identity_provider: string | null;
  confined_to: string | null;
  organization_id: string | null;
};

type ListedRow = {
  id: string;
  authenticated_at: Date;
  expires_at: Date;
  amr: string[];
  address: string | null;
  agent: string | null;
};
