import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { findLiveApiTokens } from '../tokens/check.ts';

/** What a token that was got by exchange may do: scopes of one API. */
export type Reach = { resource: string; scopes: readonly string[] };

/**
 * The links of a lineage that speak for a person: `g:<digest of a grant>` and `a:<value of an API token>`, each with the
 * reach of what was got for it behind it, in base64url. Such a link breaks as soon as that is more than the person may do.
 */
export function reachLink(source: string, { resource, scopes }: Reach): string {
  return `${source}:${Buffer.from([resource, ...scopes].join(' ')).toString('base64url')}`;
}

/** The reach that stands in a link, where there is one. */
export function reachOf(link: string): Reach {
  const [, , text = ''] = link.split(':');
  const [resource = '', ...scopes] = Buffer.from(text, 'base64url').toString().split(' ');
  return { resource, scopes };
}

/** What a lineage begins with that speaks for a person, without any reach; `undefined` for a machine's. */
export function sourceOf(lineage: readonly string[]): string | undefined {
  const first = lineage.find((link) => /^[ag]:/.test(link));
  return first?.split(':', 2).join(':');
}

/** Finds what the person behind a source may do at an API at this moment; `undefined` where nothing bounds it. */
export type ReachFinder = (source: string, resource: string) => Promise<readonly string[] | undefined>;

/** One round trip for each question. Who gave a grant outside of any organization speaks for themselves, and is not bounded. */
export function createReachFinder(db: Database): ReachFinder {
  return async (source, resource) => {
    const [kind, name = ''] = source.split(':');
    if (kind === 'a') {
      const token = (await findLiveApiTokens(db, [name])).get(name);
      return token?.permissions[resource] ?? [];
    }
    const [row] = await db.query<{ bounded: boolean; scopes: string[] }>(sql`
      select organization_id is not null as bounded,
        array(
          select scope from member_permissions as own
          where own.organization_id = grants.organization_id and own.user_id = grants.account_id::uuid
            and own.resource = ${resource}
        ) as scopes
      from grants where id_digest = ${Buffer.from(name, 'base64url')}`);
    return row && !row.bounded ? undefined : (row?.scopes ?? []);
  };
}
