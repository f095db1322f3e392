import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { greaterDisabler, type TokenDisabler } from './api-token.ts';

/** A token as far as it must be named. */
export type NamedToken = { id: string; organizationId: string; name: string };

/** What signs in as a person: tokens of their own, and shared ones of which they hold a value. */
export type PersonsTokens = { own: NamedToken[]; shared: NamedToken[] };

const isAlive = sql`disabled_at is null and (expires_at is null or expires_at > now())`;

/** The tokens that sign in as a person, in all their organizations. */
export async function listTokensOfPerson(db: Database, userId: string): Promise<PersonsTokens> {
  const alive = await db.query<NamedRow>(sql`
    select id, organization_id, name from api_tokens
    where owner_id = ${userId}::uuid and kind <> 'shared' and ${isAlive}`);
  const shared = await db.query<NamedRow>(sql`
    select id, organization_id, name from api_tokens
    where kind = 'shared' and id in (select token_id from api_token_values where holder_id = ${userId}::uuid)`);
  return { own: alive.map(toNamedToken), shared: shared.map(toNamedToken) };
}

/** How many tokens `disableTokensOfPerson` would take from somebody: those of their own, and shared ones of which they hold a living value. */
export async function countTokensOfPerson(
  db: Database,
  userId: string,
): Promise<{ own: number; shared: number }> {
  const [row] = await db.query<{ own: number; shared: number }>(sql`
    select
      (
        select count(*)::float8 from api_tokens
        where owner_id = ${userId}::uuid and kind <> 'shared' and ${isAlive}
      ) as own,
      (
        select count(distinct token_id)::float8 from api_token_values as value
        where holder_id = ${userId}::uuid and (expires_at is null or expires_at > now())
          and token_id in (select id from api_tokens where kind = 'shared')
      ) as shared`);
  return row as { own: number; shared: number };
}

/**
 * Disables a person's own tokens, and ends their values of shared ones, which live on for everybody else. Tells which those
 * were. Of what the person has disabled before, it remembers who has now; what has expired gets no later end any more.
 */
export async function disableTokensOfPerson(
  db: Database,
  userId: string,
  by: TokenDisabler,
): Promise<PersonsTokens> {
  const ended = await db.query<NamedRow>(sql`
    with before as (
      select id as token_id, ${isAlive} as was_alive from api_tokens
      where owner_id = ${userId}::uuid and kind <> 'shared' for update
    ), disabled as (
      update api_tokens set disabled_at = coalesce(disabled_at, now()), disabled_by = ${greaterDisabler(by)}
      from before where id = token_id
      returning id, organization_id, name, was_alive
    )
    select id, organization_id, name from disabled where was_alive`);
  const shared = await db.query<NamedRow>(sql`
    with ended as (
      delete from api_token_values where holder_id = ${userId}::uuid
        and token_id in (select id from api_tokens where kind = 'shared')
      returning token_id
    )
    select id, organization_id, name from api_tokens where id in (select token_id from ended)`);
  return { own: ended.map(toNamedToken), shared: shared.map(toNamedToken) };
}

type NamedRow = { id: string; organization_id: string; name: string };

function toNamedToken({ id, organization_id, name }: NamedRow): NamedToken {
  return { id, organizationId: organization_id, name };
}
