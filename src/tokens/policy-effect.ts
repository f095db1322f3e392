import type { Database } from '../postgres/pool.ts';
import { scopeRows } from '../postgres/scopes.ts';
import { sql } from '../postgres/sql.ts';
import type { Scopes } from '../scopes.ts';
import { presentPairs } from './api-token.ts';
import { worksNow } from './check.ts';

/** How many tokens of an organization that work now would lose a permission if its policy allowed these and no others. */
export async function countNarrowedTokens(
  db: Database,
  organizationId: string,
  allowed: Scopes | undefined,
): Promise<number> {
  if (allowed === undefined) return 0;
  const [row] = await db.query<{ count: number }>(sql`
    select count(*)::float8 as count from api_tokens
    where organization_id = ${organizationId}::uuid and ${worksNow}
      and exists (
        select from api_token_values as value
        where value.token_id = api_tokens.id and (value.expires_at is null or value.expires_at > now())
      )
      and exists (
        select resource, scope from (${presentPairs}) as present
        except select resource, scope from ${scopeRows(allowed)}
      )`);
  return row?.count ?? 0;
}
