import { newestFirst, type Part, type Placed } from '../postgres/newest-first.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';
import type { Role } from './organization.ts';

/**
 * A single-use link into an organization, for whoever signs in with this address. It is open while who sent it is an
 * enabled member there who may do all that the role may: nobody lets others in with what they do not have. Into a
 * disabled organization none is open.
 */
export type Invitation = {
  id: string;
  organizationId: string;
  organizationName: string;
  email: string;
  role: Role;
  invitedBy: string | undefined;
  createdAt: Date;
  expiresAt: Date;
};

/** How long a link can be used. */
const invitationDays = 7;

/** Invites somebody; an earlier open invitation of theirs into the organization ends. The caller keeps `text` for the link. */
export async function addInvitation(
  db: Database,
  invitation: { organizationId: string; email: string; role: Role; invitedBy: string; text: string },
): Promise<{ invitation: Invitation } | { refusal: 'is_member' }> {
  const { organizationId, email, role, invitedBy, text } = invitation;
  const [row] = await db.query<{ id: string }>(sql`
    insert into invitations (organization_id, email, role, digest, invited_by, expires_at)
    select ${organizationId}::uuid, ${email}, ${role}, ${sha256(text)}, ${invitedBy}::uuid,
      now() + make_interval(days => ${invitationDays})
    where not exists (
      select from members join users on users.id = members.user_id
      where organization_id = ${organizationId}::uuid and email = ${email}
    )
    on conflict (organization_id, email) where accepted_at is null do update set
      id = excluded.id, role = excluded.role, digest = excluded.digest, invited_by = excluded.invited_by,
      created_at = now(), expires_at = excluded.expires_at
    returning id`);
  if (!row) return { refusal: 'is_member' };
  const [added] = await db.query<InvitationRow>(sql`${selection} where invitations.id = ${row.id}::uuid`);
  return { invitation: toInvitation(added as InvitationRow) };
}

/** The invitation behind a link, if it can still be used. Any text may be asked for. */
export async function findInvitation(db: Database, text: string): Promise<Invitation | undefined> {
  const [row] = await db.query<InvitationRow>(sql`${selection} where digest = ${sha256(text)} and ${open}`);
  return row && toInvitation(row);
}

/** A part of the open invitations, the newest first. */
export async function listInvitations(
  db: Database,
  organizationId: string,
  { after, limit = 100 }: Part = {},
): Promise<Placed<Invitation>[]> {
  const rows = await db.query<Placed<InvitationRow>>(sql`
    ${selection}
    where organization_id = ${organizationId}::uuid and ${open} and ${made.behind(after)}
    order by ${made.order} limit ${limit}`);
  return rows.map((row) => ({ ...toInvitation(row), place: row.place }));
}

/** How many invitations into an organization are open. */
export async function countOpenInvitations(db: Database, organizationId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    select count(*)::float8 as count from invitations
    where organization_id = ${organizationId}::uuid and ${open}`);
  return row?.count ?? 0;
}

/** Makes the person a member, once. `undefined` if the link cannot be used, or not by a person of this address. */
export async function acceptInvitation(
  db: Database,
  text: string,
  user: { id: string; email: string },
): Promise<Invitation | undefined> {
  const [row] = await db.query<InvitationRow>(sql`
    with accepted as (
      update invitations set accepted_at = now()
      where digest = ${sha256(text)} and email = ${user.email} and ${open}
      returning *
    ), member as (
      insert into members (organization_id, user_id, role)
      select organization_id, ${user.id}::uuid, role from accepted
      on conflict do nothing
    )
    select accepted.*, organizations.name as organization_name
    from accepted join organizations on organizations.id = accepted.organization_id`);
  return row && toInvitation(row);
}

/** Ends an open invitation, and tells whose it was. `undefined` if there is no such one. */
export async function removeInvitation(
  db: Database,
  organizationId: string,
  id: string,
): Promise<{ email: string } | undefined> {
  const [row] = await db.query<{ email: string }>(sql`
    delete from invitations
    where id = ${id}::uuid and organization_id = ${organizationId}::uuid and accepted_at is null
    returning email`);
  return row;
}

/** Removes invitations that were accepted or ran out a month ago, and tells how many. Any number of servers may sweep at once. */
export async function sweepInvitations(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from invitations where id in (
      select id from invitations where least(accepted_at, expires_at) < now() - interval '30 days'
      limit ${most} for update skip locked
    )
    returning id`);
  return rows.length;
}

const open = sql`accepted_at is null and expires_at > now()
  and exists (
    select from live_memberships as inviter join users on users.id = inviter.user_id
    where inviter.organization_id = invitations.organization_id and inviter.user_id = invitations.invited_by
      and users.disabled_at is null and inviter.joined_at <= invitations.created_at
  )
  and not exists (
    select from resource_scopes as entailed
    where entailed.role in ('member', invitations.role) and not exists (
      select from member_permissions as inviters
      where inviters.organization_id = invitations.organization_id and inviters.user_id = invitations.invited_by
        and inviters.resource = entailed.resource and inviters.scope = entailed.scope
    )
  )`;

const made = newestFirst(sql`invitations.created_at`, sql`invitations.id`);

const selection = sql`
  select invitations.*, ${made.place}, organizations.name as organization_name
  from invitations join organizations on organizations.id = invitations.organization_id`;

type InvitationRow = {
  id: string;
  organization_id: string;
  organization_name: string;
  email: string;
  role: Role;
  invited_by: string | null;
  created_at: Date;
  expires_at: Date;
};

function toInvitation(row: InvitationRow): Invitation {
  return {
    id: row.id,
    organizationId: row.organization_id,
    organizationName: row.organization_name,
    email: row.email,
    role: row.role,
    invitedBy: row.invited_by ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
