import { claimedSystemIn } from '../claimed-system.ts';
import { redactTokens } from '../log.ts';
import { newestFirst, type Part, type Placed } from '../postgres/newest-first.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { randomText, sha256 } from '../secret.ts';
import { type ContextClass, contextClassOf } from './authentication-context.ts';

/**
 * Who is signed in, since when, how (`amr`, RFC 8176) and at which identity provider if not here, the language that they
 * have chosen, and the organization to act in, as long as they are a member there: `organizationId` unless they are
 * disabled, `chosenOrganizationId` even so. At a provider of an organization they act in that one.
 */
export type Session = {
  userId: string;
  email: string;
  authenticatedAt: Date;
  amr: string[];
  language: string | undefined;
  acr: ContextClass;
  /**
   * Seconds, by the database's clock, since they have signed in and since a second factor; `Infinity` without one, or where
   * nobody knows when it was.
   */
  ages: { authenticated: number; secondFactor: number };
  identityProvider: string | undefined;
  /** The organization whose provider has let them in: they are nobody elsewhere. */
  confinedTo: string | undefined;
  organizationId: string | undefined;
  chosenOrganizationId: string | undefined;
};

/**
 * What somebody who is signed in has proven anew. `password`: who they are, and not only that they have a factor. `at`: when,
 * if not now.
 */
export type ProvenAgain = { password: boolean; amr: readonly string[]; at?: Date | undefined };

/**
 * What an identity provider has said of a sign-in there. Where it does not say when that was, a second factor there counts
 * as none of late.
 */
export type FederatedSignIn = {
  identityProvider: string;
  acr?: string | undefined;
  authenticatedAt?: Date | undefined;
};

/** A session as its person sees it. The id names it and is worth nothing as a cookie. */
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

/**
 * Begins a session and returns its id, 256 random bits as text for a cookie. Only its digest is stored. `amr` with `mfa`
 * says that a second factor was proven.
 */
export async function createSession(
  db: Database,
  userId: string,
  amr: readonly string[],
  browser: { address?: string; agent?: string } = {},
  federated?: FederatedSignIn,
): Promise<string> {
  const id = randomText();
  const isFactorDated = amr.includes('mfa') && !(federated && !federated.authenticatedAt);
  await db.query(sql`
    insert into sessions (
      id_digest, user_id, amr, second_factor_at, expires_at, address, agent,
      identity_provider, identity_provider_acr, authenticated_at
    )
    values (${sha256(id)}, ${userId}, ${amr},
      case when ${isFactorDated} then least(${federated?.authenticatedAt}::timestamptz, now()) end,
      now() + make_interval(hours => ${hours}), ${browser.address}::inet,
      ${browser.agent && redactTokens(browser.agent).slice(0, 200)},
      ${federated?.identityProvider}, ${federated?.acr},
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
    select sessions.user_id, users.email, users.language, sessions.authenticated_at, sessions.amr,
      sessions.identity_provider,
      extract(epoch from now() - sessions.authenticated_at)::float8 as authenticated_ago,
      extract(epoch from now() - sessions.second_factor_at)::float8 as second_factor_ago,
      provider.organization_id as confined_to,
      members.organization_id as chosen_organization_id,
      case when members.disabled_at is null then members.organization_id end as organization_id
    from sessions
      join users on users.id = sessions.user_id
      left join identity_providers as provider on provider.id = sessions.identity_provider
      left join (
        members join organizations
          on organizations.id = members.organization_id and organizations.disabled_at is null
      ) on members.user_id = sessions.user_id
        and members.organization_id = coalesce(provider.organization_id, sessions.organization_id)
    where id_digest = ${sha256(id)} and expires_at > now() and users.disabled_at is null
      and provider.disabled_at is null
      and (
        provider.organization_id is null or (members.organization_id is not null and members.disabled_at is null)
      )`);
  return (
    row && {
      userId: row.user_id,
      email: row.email,
      authenticatedAt: row.authenticated_at,
      amr: row.amr,
      language: row.language ?? undefined,
      acr: contextClassOf(row.amr.includes('mfa')),
      ages: { authenticated: row.authenticated_ago, secondFactor: row.second_factor_ago ?? Infinity },
      identityProvider: row.identity_provider ?? undefined,
      confinedTo: row.confined_to ?? undefined,
      organizationId: row.organization_id ?? undefined,
      chosenOrganizationId: row.chosen_organization_id ?? undefined,
    }
  );
}

/** Finds the live session of this id, which stays as it is until the transaction ends. */
export async function lockSession(tx: Database, id: string): Promise<Session | undefined> {
  await tx.query(sql`select from sessions where id_digest = ${sha256(id)} for update`);
  return await findSession(tx, id);
}

/**
 * Puts everything else that changes something in a session of this person off until the transaction ends, so that none
 * outlasts a changed password. False where the session has ended. For the beginning of a transaction, before other locks.
 */
export async function holdSession(
  tx: Database,
  { id, userId }: { id: string; userId: string },
): Promise<boolean> {
  await tx.query(sql`select from users where id = ${userId}::uuid for no key update`);
  // By itself: a statement does not see what has ended while it waited.
  const rows = await tx.query(sql`
    select 1 from sessions where id_digest = ${sha256(id)} and expires_at > now()`);
  return rows.length > 0;
}

/**
 * Writes down what its person has proven anew, under a new id, which is returned: whoever else has the old one gains
 * nothing, and loses it. `undefined` for a session that has ended.
 */
export async function renewSession(
  db: Database,
  id: string,
  { password, amr, at }: ProvenAgain,
): Promise<string | undefined> {
  const next = randomText();
  const moment = sql`least(${at}::timestamptz, now())`;
  const rows = await db.query(sql`
    update sessions set id_digest = ${sha256(next)},
      amr = array(select distinct unnest(amr || ${amr}::text[]) order by 1),
      authenticated_at = case when ${password} then greatest(${moment}, authenticated_at) else authenticated_at end,
      second_factor_at = case when ${amr.includes('mfa')} then greatest(${moment}, second_factor_at) else second_factor_at end
    where id_digest = ${sha256(id)} and expires_at > now()
    returning 1`);
  return rows.length > 0 ? next : undefined;
}

/**
 * From now on the session acts in this organization. False unless its person is an enabled member there, and none where
 * they have signed in at the provider of another one.
 */
export async function chooseOrganization(db: Database, id: string, organizationId: string): Promise<boolean> {
  const rows = await db.query(sql`
    update sessions set organization_id = ${organizationId}::uuid
    from live_memberships as own
    where id_digest = ${sha256(id)} and expires_at > now() and own.user_id = sessions.user_id
      and own.organization_id = ${organizationId}::uuid
      and not exists (
        select from identity_providers as provider
        where provider.id = sessions.identity_provider and provider.organization_id <> own.organization_id
      )
    returning id_digest`);
  return rows.length > 0;
}

/** Whose sessions: all of a person, or those alone that act in one organization. */
export type SessionSelection = { userId: string; organizationId?: string | undefined };

/** A part of the live sessions, the last begun first; `search` is a part of the address, the agent, or the system that this claims, in any case. */
export async function listSessions(
  db: Database,
  selection: SessionSelection,
  { search }: { search?: string | undefined } = {},
  { after, limit = 100 }: Part = {},
): Promise<Placed<ListedSession>[]> {
  const rows = await db.query<Placed<ListedRow>>(sql`
    select encode(id_digest, 'hex') as id, authenticated_at, expires_at, amr, host(address) as address, agent,
      ${begun.place}
    from sessions
    where ${selected(selection)} and expires_at > now()
      and (${search}::text is null or strpos(lower(concat_ws(' ', host(address), agent, ${claimedSystemIn(sql`agent`)})), lower(${search})) > 0)
      and ${begun.behind(after)}
    order by ${begun.order} limit ${limit}`);
  return rows.map((row) => ({
    place: row.place,
    id: row.id,
    authenticatedAt: row.authenticated_at,
    expiresAt: row.expires_at,
    amr: row.amr,
    address: row.address ?? undefined,
    agent: row.agent ?? undefined,
  }));
}

/** How many live ones of these sessions there are besides the one of this id. */
export async function countOtherSessions(
  db: Database,
  selection: SessionSelection,
  id: string,
): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    select count(*)::int as count from sessions
    where ${selected(selection)} and expires_at > now() and id_digest <> ${sha256(id)}`);
  return row?.count ?? 0;
}

/** Ends the session of this listed id. False if there is no such one among them. */
export async function endListedSession(
  db: Database,
  selection: SessionSelection,
  id: string,
): Promise<boolean> {
  const rows = await db.query(sql`
    delete from sessions where ${selected(selection)} and id_digest = decode(${id}, 'hex') returning id_digest`);
  return rows.length > 0;
}

/** Ends every one of these sessions but one, and tells how many that were. */
export async function endOtherSessions(
  db: Database,
  selection: SessionSelection,
  id: string,
): Promise<number> {
  const rows = await db.query(
    sql`delete from sessions where ${selected(selection)} and id_digest <> ${sha256(id)} returning 1`,
  );
  return rows.length;
}

/** Where nothing was chosen, they act in the only organization of their person, if it is the only one. */
function selected({ userId, organizationId }: SessionSelection): Sql {
  return sql`user_id = ${userId}::uuid and (${organizationId}::uuid is null or ${organizationId}::uuid = coalesce(
    (select provider.organization_id from identity_providers as provider where provider.id = identity_provider),
    organization_id,
    (
      select (array_agg(own.organization_id))[1] from live_memberships as own
      where own.user_id = ${userId}::uuid having count(*) = 1
    )
  ))`;
}

/** What the session of this cookie is called in `listSessions`. */
export function listedIdOf(id: string): string {
  return sha256(id).toString('hex');
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

// All live equally long, and this never changes: when somebody has signed in last does, with each time that they prove it anew.
const begun = newestFirst(sql`expires_at`, sql`id_digest`);

type SessionRow = {
  user_id: string;
  email: string;
  authenticated_at: Date;
  authenticated_ago: number;
  second_factor_ago: number | null;
  amr: string[];
  identity_provider: string | null;
  confined_to: string | null;
  language: string | null;
  organization_id: string | null;
  chosen_organization_id: string | null;
};

type ListedRow = {
  id: string;
  authenticated_at: Date;
  expires_at: Date;
  amr: string[];
  address: string | null;
  agent: string | null;
};
