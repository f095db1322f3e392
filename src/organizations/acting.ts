import type { Database } from '../postgres/pool.ts';
import { scopesObject } from '../postgres/scopes.ts';
import { sql } from '../postgres/sql.ts';
import type { Scopes } from '../scopes.ts';

/** Where a person acts, and all that they may do there at this moment. */
export type Acting = { organizationId: string; permissions: Scopes };

/**
 * The person in the organization that was chosen, or in the only one that they belong to where none was. `undefined` for
 * nobody's member, for one who is disabled there, and for one of several without a choice.
 */
export async function findActing(
  db: Database,
  userId: string,
  chosen: string | undefined,
): Promise<Acting | undefined> {
  const [row, another] = await db.query<{ organization_id: string; permissions: Scopes }>(sql`
    select organization_id,
      ${scopesObject(sql`
        select resource, scope from member_permissions as own
        where own.organization_id = members.organization_id and own.user_id = members.user_id`)} as permissions
    from members
    where user_id = ${userId}::uuid and disabled_at is null
      and (${chosen}::uuid is null or organization_id = ${chosen}::uuid)
    limit 2`);
  if (!row || another) return undefined;
  return { organizationId: row.organization_id, permissions: row.permissions };
}
