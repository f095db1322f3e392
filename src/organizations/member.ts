import { newestFirst, type Part, type Placed } from '../postgres/newest-first.ts';
import type { Database } from '../postgres/pool.ts';
import { scopeRows, scopesObject } from '../postgres/scopes.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { isForeignKeyViolation } from '../postgres/sqlstate.ts';
import { type Scopes, withoutScopes } from '../scopes.ts';
import { hasAbleAdministrator } from './able-administrator.ts';
import type { Role } from './organization.ts';

/** A person in an organization. */
export type Member = {
  organizationId: string;
  userId: string;
  email: string;
  role: Role;
  /** What the person may do at this moment: nothing while they or the organization are disabled. */
  permissions: Scopes;
  /** What the person may do while not disabled. */
  entitlements: Scopes;
  /** What an administrator has given beyond the role, and taken from it. */
  given: Scopes;
  taken: Scopes;
  requiresIdentityProvider: boolean;
  joinedAt: Date;
  disabledAt: Date | undefined;
};

/** What can be changed of a member; what is absent stays as it is, except that no scope is both given and taken. */
export type MemberChange = {
  role?: Role;
  isDisabled?: boolean;
  requiresIdentityProvider?: boolean;
  given?: Scopes;
  taken?: Scopes;
};

/**
 * Why a member was not changed or removed. An organization always has an administrator who is not disabled, and none loses
 * the last who can sign in and change members (`nobody_could`; the caller rolls back).
 */
export type MemberRefusal =
  | { refusal: 'not_found' }
  | { refusal: 'last_administrator' }
  | { refusal: 'nobody_could' }
  | { refusal: 'unknown_scope' };

/** Lets a person into an organization. */
export async function addMember(
  db: Database,
  { organizationId, userId, role }: { organizationId: string; userId: string; role: Role },
): Promise<{ member: Member } | { refusal: 'exists' | 'not_found' }> {
  try {
    const rows = await db.query(sql`
      insert into members (organization_id, user_id, role)
      values (${organizationId}::uuid, ${userId}::uuid, ${role})
      on conflict do nothing
      returning user_id`);
    const member = rows.length > 0 && (await findMember(db, organizationId, userId));
    return member ? { member } : { refusal: 'exists' };
  } catch (error) {
    if (isForeignKeyViolation(error)) return { refusal: 'not_found' };
    throw error;
  }
}

/** The member, disabled or not. */
export async function findMember(
  db: Database,
  organizationId: string,
  userId: string,
): Promise<Member | undefined> {
  const [row] = await db.query<MemberRow>(sql`
    ${selection} where members.organization_id = ${organizationId}::uuid and members.user_id = ${userId}::uuid`);
  return row && toMember(row);
}

/** A part of the members, who joined last first; `search` is a part of their address. */
export async function listMembers(
  db: Database,
  organizationId: string,
  { search }: { search?: string | undefined } = {},
  { after, limit = 100 }: Part = {},
): Promise<Placed<Member>[]> {
  const rows = await db.query<Placed<MemberRow>>(sql`
    ${selection}
    where members.organization_id = ${organizationId}::uuid
      and (${search}::text is null or strpos(users.email, lower(${search})) > 0)
      and ${joined.behind(after)}
    order by ${joined.order} limit ${limit}`);
  return rows.map((row) => ({ ...toMember(row), place: row.place }));
}

/**
 * Changes a member if `isExpected` says yes to what stands there at that moment; else nothing and `unexpected`. A change
 * that depends on that may be a function of it.
 */
export async function changeMember(
  db: Database,
  member: { organizationId: string; userId: string },
  wanted: MemberChange | ((before: Member) => MemberChange),
  isExpected: (before: Member) => boolean = () => true,
): Promise<{ member: Member } | MemberRefusal | { refusal: 'unexpected' }> {
  const { organizationId, userId } = member;
  return await withLock(db, organizationId, async (tx) => {
    const before = await findMember(tx, organizationId, userId);
    if (!before) return { refusal: 'not_found' };
    if (!isExpected(before)) return { refusal: 'unexpected' };
    const change = typeof wanted === 'function' ? wanted(before) : wanted;
    const role = change.role ?? before.role;
    const isDisabled = change.isDisabled ?? before.disabledAt !== undefined;
    const leads = role === 'administrator' && !isDisabled;
    if (!leads && !(await hasOtherAdministrator(tx, member))) return { refusal: 'last_administrator' };
    const wasLed = await hasAbleAdministrator(tx, organizationId);
    // What is taken now is given no more, and the other way round.
    const given = change.given ?? withoutScopes(before.given, change.taken ?? {});
    const taken = change.taken ?? withoutScopes(before.taken, change.given ?? {});
    if (!(await areKnown(tx, given)) || !(await areKnown(tx, taken))) return { refusal: 'unknown_scope' };
    await tx.query(sql`
      update members set
        role = ${role},
        disabled_at = case when ${isDisabled} then coalesce(disabled_at, now()) end,
        requires_identity_provider = ${change.requiresIdentityProvider ?? before.requiresIdentityProvider}
      where organization_id = ${organizationId}::uuid and user_id = ${userId}::uuid`);
    await tx.query(sql`
      delete from member_scopes where organization_id = ${organizationId}::uuid and user_id = ${userId}::uuid`);
    await tx.query(adjustment(member, given, true));
    await tx.query(adjustment(member, taken, false));
    if (wasLed && !(await hasAbleAdministrator(tx, organizationId))) return { refusal: 'nobody_could' };
    return { member: (await findMember(tx, organizationId, userId)) as Member };
  });
}

/** Removes a person from an organization, with their tokens there; what they approved and whom they invited counts no more. */
export async function removeMember(
  db: Database,
  member: { organizationId: string; userId: string },
): Promise<{ removed: true } | MemberRefusal> {
  const { organizationId, userId } = member;
  return await withLock(db, organizationId, async (tx) => {
    if (!(await findMember(tx, organizationId, userId))) return { refusal: 'not_found' };
    if (!(await hasOtherAdministrator(tx, member))) return { refusal: 'last_administrator' };
    const wasLed = await hasAbleAdministrator(tx, organizationId);
    await tx.query(sql`
      delete from members where organization_id = ${organizationId}::uuid and user_id = ${userId}::uuid`);
    if (wasLed && !(await hasAbleAdministrator(tx, organizationId))) return { refusal: 'nobody_could' };
    return { removed: true };
  });
}

/** One change at a time: two administrators who demote each other at once would leave none. */
function withLock<Result>(
  db: Database,
  organizationId: string,
  work: (tx: Database) => Promise<Result>,
): Promise<Result> {
  return db.transaction(async (tx) => {
    await tx.query(sql`select from organizations where id = ${organizationId}::uuid for update`);
    return await work(tx);
  });
}

/** What a role has by itself. */
export async function findRoleScopes(db: Database, role: Role): Promise<Scopes> {
  const [row] = await db.query<{ scopes: Scopes }>(sql`
    select ${scopesObject(sql`
      select resource, scope from resource_scopes where role in ('member', ${role})`)} as scopes`);
  return (row as { scopes: Scopes }).scopes;
}

/** Also of a disabled organization, which must have somebody to lead it when it is enabled again. */
async function hasOtherAdministrator(
  db: Database,
  { organizationId, userId }: { organizationId: string; userId: string },
): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 from members join users on users.id = members.user_id
    where organization_id = ${organizationId}::uuid and user_id <> ${userId}::uuid
      and role = 'administrator' and members.disabled_at is null and users.disabled_at is null
    limit 1`);
  return rows.length > 0;
}

async function areKnown(db: Database, scopes: Scopes): Promise<boolean> {
  const [row] = await db.query<{ unknown: boolean }>(sql`
    select exists (
      select from ${scopeRows(scopes)} left join resource_scopes as known using (resource, scope)
      where known.role is null
    ) as unknown`);
  return row?.unknown === false;
}

function adjustment(
  { organizationId, userId }: { organizationId: string; userId: string },
  scopes: Scopes,
  isGiven: boolean,
): Sql {
  return sql`
    insert into member_scopes (organization_id, user_id, resource, scope, is_given)
    select ${organizationId}::uuid, ${userId}::uuid, resource, scope, ${isGiven} from ${scopeRows(scopes)}
    on conflict do nothing`;
}

const joined = newestFirst(sql`members.joined_at`, sql`members.user_id`);

const own = sql`organization_id = members.organization_id and user_id = members.user_id`;

const selection = sql`
  select members.*, ${joined.place}, users.email,
    ${scopesObject(sql`select resource, scope from member_permissions where ${own}`)} as permissions,
    ${scopesObject(sql`select resource, scope from member_entitlements where ${own}`)} as entitlements,
    ${scopesObject(sql`select resource, scope from member_scopes where ${own} and is_given`)} as given,
    ${scopesObject(sql`select resource, scope from member_scopes where ${own} and not is_given`)} as taken
  from members join users on users.id = members.user_id`;

type MemberRow = {
  organization_id: string;
  user_id: string;
  email: string;
  role: Role;
  permissions: Scopes;
  entitlements: Scopes;
  given: Scopes;
  taken: Scopes;
  requires_identity_provider: boolean;
  joined_at: Date;
  disabled_at: Date | null;
};

function toMember(row: MemberRow): Member {
  return {
    organizationId: row.organization_id,
    userId: row.user_id,
    email: row.email,
    role: row.role,
    permissions: row.permissions,
    entitlements: row.entitlements,
    given: row.given,
    taken: row.taken,
    requiresIdentityProvider: row.requires_identity_provider,
    joinedAt: row.joined_at,
    disabledAt: row.disabled_at ?? undefined,
  };
}
