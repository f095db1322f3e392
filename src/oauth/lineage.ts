import { clientGeneration } from '../clients/client.ts';
import { createBatch } from '../postgres/batch.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256, type TokenFormat } from '../secret.ts';
import { createApiTokenLinkJudge, isApiTokenLink } from './api-token-link.ts';
import { isGiverMember } from './grant.ts';
import type { Instance } from './model.ts';
import { type Reach, reachLink, reachOf, sourceOf } from './reach.ts';

/**
 * What a token that was got by exchange stands on: each token before it, and each grant. Names by digest only, kept in
 * the token itself: `o:<digest>:<issued>` an opaque token, `j:<digest>:<exp>` a JWT, `g:<digest>:<reach>` a grant,
 * `a:<value>:<reach>` an API token (`reachLink`), `c:<id>` a client, `c:<id>:<generation>` that of a JWT. The token is
 * dead as soon as one of them is.
 */
export type Lineage = readonly string[];

/** A longer chain of exchanges than this is refused: each link costs a look-up at every introspection. */
export const longestLineage = 24;

/** The lineage of what is got in exchange for `token`, whose text is `text`, and may do no more than `reach`. */
export function extendLineage(
  token: Instance,
  { text, format, reach }: { text: string; format: TokenFormat; reach: Reach },
): string[] {
  const issuedAt = format.parse(text)?.issuedAt;
  const own = issuedAt
    ? `o:${name(text)}:${issuedAt.getTime() / 1000}`
    : `j:${name(token.jti)}:${token.ends ?? token.exp}`;
  const source = personalSource(token);
  const person = source === undefined ? [] : [reachLink(source, reach)];
  const generation = token.clientGeneration === undefined ? '' : `:${token.clientGeneration}`;
  return [...lineageOf(token), own, ...person, `c:${token.clientId}${generation}`];
}

/** What a token stands on that speaks for a person: its grant, or what it was exchanged for; `undefined` for a machine's. */
export function personalSource(token: Instance): string | undefined {
  return token.grantId ? `g:${name(token.grantId)}` : sourceOf(lineageOf(token));
}

/** The lineage that a token carries; empty where it was not got by exchange. */
export function lineageOf(token: Instance): string[] {
  const lineage: unknown = token.extra?.lineage;
  return Array.isArray(lineage) ? lineage.filter((link) => typeof link === 'string') : [];
}

/** Whether everything that a token stands on is alive; look-ups side by side share one statement. */
export function createLineageJudge(db: Database): (lineage: Lineage) => Promise<boolean> {
  const isAlive = createBatch<string, boolean>((links) => judgeLinks(db, links));
  const isApiTokenAlive = createApiTokenLinkJudge(db);
  const judge = (link: string) => (isApiTokenLink(link) ? isApiTokenAlive(link) : isAlive(link));
  return async (lineage) => (await Promise.all(lineage.map(judge))).every(Boolean);
}

async function judgeLinks(db: Database, links: string[]): Promise<boolean[]> {
  const parts = links.map((link) => {
    const [kind = '', value = '', moment = '0'] = link.split(':');
    const { resource, scopes } = reachOf(kind === 'g' ? link : '');
    return {
      kind,
      text: kind === 'c' ? value : resource,
      digest: kind === 'c' ? null : fromName(value),
      moment: kind === 'g' ? 0 : Number(moment),
      scopes: scopes.join(' '),
    };
  });
  const rows = await db.query<{ alive: boolean }>(
    sql`select case kind
          when 'o' then exists (
            select from access_tokens token where token.digest = link.digest and token.issued_at = to_timestamp(moment)
              and revoked_at is null and expires_at > now()
              and not exists (
                select from clients
                where id = token.client_id and greatest(created_at, tokens_not_before) > token.stored_at))
          when 'j' then to_timestamp(moment) > now() and not exists (
            select from revoked_tokens where revoked_tokens.digest = link.digest and expires_at = to_timestamp(moment))
          when 'g' then exists (
            select from grants where id_digest = link.digest and expires_at > now() and ${isGiverMember}
              and (organization_id is null or not exists (
                select from string_to_array(link.scopes, ' ') as names, unnest(names) as wanted
                where not exists (
                  select from member_permissions as own
                  where own.organization_id = grants.organization_id and own.user_id = grants.account_id::uuid
                    and own.resource = text and own.scope = wanted))))
          when 'c' then exists (
            select from clients join live_clients using (id) where id = text and moment in (0, ${clientGeneration}))
          else false end as alive
        from unnest(${parts.map(({ kind }) => kind)}::text[], ${parts.map(({ text }) => text)}::text[],
          ${parts.map(({ digest }) => digest)}::bytea[], ${parts.map(({ moment }) => moment)}::float8[],
          ${parts.map(({ scopes }) => scopes)}::text[])
          with ordinality as link (kind, text, digest, moment, scopes, position)
        order by position`,
  );
  return rows.map(({ alive }) => alive);
}

function name(text: string): string {
  return sha256(text).toString('base64url');
}

function fromName(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}
