import type { Database } from '../postgres/pool.ts';
import { scopesObject } from '../postgres/scopes.ts';
import { sql } from '../postgres/sql.ts';
import type { Scopes } from '../scopes.ts';

/** Where a person acts, and all that they may do there at this moment. */
export type Acting = { organizationId: string; permissions: Scopes };

/**
 * The person in the organization that was chosen, or in the only one that they belong to where none was. `undefined` for
 * nobody's member, for one who is disabled there, or whose organization is, and for one of several without a choice.
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
        where own.organization_id = membership.organization_id and own.user_id = membership.user_id`)} as permissions
    from live_memberships as membership
    where user_id = ${userId}::uuid
      and (${chosen}::uuid is null or organization_id = ${chosen}::uuid)
    limit 2`);
  if (!row || another) return undefined;
  return { organizationId: row.organization_id, permissions: row.permissions };
}

/** Where a person stands, who may be in several organizations. */
export type Standing =
  | (Acting & { standing: 'member'; organizationName: string; isOneOfSeveral: boolean })
  /** Nobody's member. */
  | { standing: 'outside' }
  /** Of several without a choice, or no enabled member of the one that was chosen. */
  | { standing: 'undecided' }
  /** A member, and disabled, or their organization is, wherever they are one. */
  | { standing: 'disabled' };

/** Where the person acts: in the organization that was chosen and no other, or in the only one where none was. */
export async function findStanding(
  db: Database,
  userId: string,
  chosen: string | undefined,
): Promise<Standing> {
  const rows = await db.query<StandingRow>(sql`
    select members.organization_id, name, live.user_id is not null as enabled,
      ${scopesObject(sql`
        select resource, scope from member_permissions as own
        where own.organization_id = members.organization_id and own.user_id = members.user_id`)} as permissions
    from members
      join organizations on organizations.id = members.organization_id
      left join live_memberships as live using (organization_id, user_id)
    where user_id = ${userId}::uuid`);
  if (rows.length === 0) return { standing: 'outside' };
  const enabled = rows.filter((row) => row.enabled);
  const [only, another] = enabled;
  if (!only) return { standing: 'disabled' };
  const found =
    chosen === undefined ? !another && only : enabled.find((row) => row.organization_id === chosen);
  if (!found) return { standing: 'undecided' };
  return {
    standing: 'member',
    organizationId: found.organization_id,
    organizationName: found.name,
    isOneOfSeveral: another !== undefined,
    permissions: found.permissions,
  };
}

type StandingRow = { organization_id: string; name: string; enabled: boolean; permissions: Scopes };
