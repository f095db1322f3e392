import type { Database } from '../postgres/pool.ts';
import { scopesObject } from '../postgres/scopes.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import type { Scopes } from '../scopes.ts';

/** Where a person acts, and all that they may do there at this moment. */
export type Acting = { organizationId: string; permissions: Scopes };

/** How a person has signed in: at an identity provider, or here. */
export type SignedIn = { identityProvider: string | undefined };

/**
 * The person in the organization that was chosen, or in the only one that they belong to where none was. `undefined` for
 * nobody's member, for one who is disabled there, or whose organization is, or who must sign in otherwise, and for one of
 * several without a choice.
 */
export async function findActing(
  db: Database,
  userId: string,
  chosen: string | undefined,
  signedIn: SignedIn | 'any',
): Promise<Acting | undefined> {
  const [row, another] = await db.query<{ organization_id: string; permissions: Scopes }>(sql`
    select organization_id,
      ${scopesObject(sql`
        select resource, scope from member_permissions as own
        where own.organization_id = members.organization_id and own.user_id = members.user_id`)} as permissions
    from live_memberships as members
    where user_id = ${userId}::uuid and ${isAccepted(signedIn)}
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
  /** Must sign in at an identity provider, or another one, to act there. */
  | { standing: 'signed_in_otherwise' }
  /** A member, and disabled, or their organization is, wherever they are one. */
  | { standing: 'disabled' };

/** Where the person acts: in the organization that was chosen and no other, or in the only one where none was. */
export async function findStanding(
  db: Database,
  userId: string,
  chosen: string | undefined,
  signedIn: SignedIn,
): Promise<Standing> {
  const rows = await db.query<StandingRow>(sql`
    select members.organization_id, name, live.user_id is not null as enabled,
      ${isAccepted(signedIn)} as accepted,
      ${scopesObject(sql`
        select resource, scope from member_permissions as own
        where own.organization_id = members.organization_id and own.user_id = members.user_id`)} as permissions
    from members
      join organizations on organizations.id = members.organization_id
      left join live_memberships as live using (organization_id, user_id)
    where user_id = ${userId}::uuid`);
  if (rows.length === 0) return { standing: 'outside' };
  const enabled = rows.filter((row) => row.enabled);
  if (enabled.length === 0) return { standing: 'disabled' };
  const wanted = enabled.filter((row) => chosen === undefined || row.organization_id === chosen);
  const accepted = wanted.filter((row) => row.accepted);
  if (wanted.length > 0 && accepted.length === 0) return { standing: 'signed_in_otherwise' };
  const [found, other] = accepted;
  if (!found || other) return { standing: 'undecided' };
  return {
    standing: 'member',
    organizationId: found.organization_id,
    organizationName: found.name,
    isOneOfSeveral: enabled.filter((row) => row.accepted).length > 1,
    permissions: found.permissions,
  };
}

/** Whether this sign-in counts in the organization of a row of `members`. A provider of another one never does. */
function isAccepted(signedIn: SignedIn | 'any'): Sql {
  if (signedIn === 'any') return sql`true`;
  const { identityProvider } = signedIn;
  return sql`case
    when exists (
      select from identity_provider_members as federated
      where federated.organization_id = members.organization_id and federated.user_id = members.user_id
    )
    then exists (
      select from accepted_identity_providers as accepted
      where accepted.organization_id = members.organization_id and accepted.provider_id = ${identityProvider}
    )
    else not exists (
      select from identity_providers as provider
      where provider.id = ${identityProvider} and provider.organization_id <> members.organization_id
    )
  end`;
}

type StandingRow = {
  organization_id: string;
  name: string;
  enabled: boolean;
  accepted: boolean;
  permissions: Scopes;
};
