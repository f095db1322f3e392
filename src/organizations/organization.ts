import { newestFirst, type Part, type Placed } from '../postgres/newest-first.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** A company whose people work together. */
export type Organization = { id: string; name: string; createdAt: Date; disabledAt: Date | undefined };

/** What each member is before anything is given to them or taken away. */
export const roles = ['administrator', 'member'] as const;

/** One of `roles`. */
export type Role = (typeof roles)[number];

/** Adds an organization with its first administrator. */
export async function addOrganization(
  db: Database,
  { name, administratorId }: { name: string; administratorId: string },
): Promise<Organization> {
  const [row] = await db.query<OrganizationRow>(sql`
    with added as (
      insert into organizations (name) values (${name}) returning *
    ), administrator as (
      insert into members (organization_id, user_id, role)
      select id, ${administratorId}::uuid, 'administrator' from added
    )
    select * from added`);
  return toOrganization(row as OrganizationRow);
}

/** The organization of this id. */
export async function findOrganization(db: Database, id: string): Promise<Organization | undefined> {
  const [row] = await db.query<OrganizationRow>(sql`select * from organizations where id = ${id}::uuid`);
  return row && toOrganization(row);
}

/** At most `limit` organizations of exactly this name: people may call theirs as they like. */
export async function findOrganizationsByName(
  db: Database,
  name: string,
  limit = 100,
): Promise<Organization[]> {
  const rows = await db.query<OrganizationRow>(
    sql`select * from organizations where name = ${name} order by id limit ${limit}`,
  );
  return rows.map(toOrganization);
}

/** A part of the organizations, the newest first. */
export async function listOrganizations(
  db: Database,
  { after, limit = 100 }: Part = {},
): Promise<Placed<Organization>[]> {
  const rows = await db.query<Placed<OrganizationRow>>(sql`
    select *, ${made.place} from organizations where ${made.behind(after)} order by ${made.order} limit ${limit}`);
  return rows.map((row) => ({ ...toOrganization(row), place: row.place }));
}

/** The organizations that a person belongs to (`only` that one), neither they nor it disabled, with their role, by name. */
export async function listOrganizationsOfUser(
  db: Database,
  userId: string,
  only?: string,
): Promise<(Organization & { role: Role })[]> {
  const rows = await db.query<OrganizationRow & { role: Role }>(sql`
    select organizations.*, own.role
    from live_memberships as own join organizations on organizations.id = own.organization_id
    where own.user_id = ${userId}::uuid and (${only}::uuid is null or own.organization_id = ${only}::uuid)
    order by organizations.name, organizations.id`);
  return rows.map((row) => ({ ...toOrganization(row), role: row.role }));
}

/** Changes the name if `isExpected` says yes to what stands there at that moment; else nothing and `unexpected`. */
export async function renameOrganization(
  db: Database,
  id: string,
  name: string,
  isExpected: (before: Organization) => boolean = () => true,
): Promise<{ organization: Organization } | { refusal: 'not_found' | 'unexpected' }> {
  return await db.transaction(async (tx) => {
    const [before] = await tx.query<OrganizationRow>(
      sql`select * from organizations where id = ${id}::uuid for update`,
    );
    if (!before) return { refusal: 'not_found' };
    if (!isExpected(toOrganization(before))) return { refusal: 'unexpected' };
    await tx.query(sql`update organizations set name = ${name} where id = ${id}::uuid`);
    return { organization: { ...toOrganization(before), name } };
  });
}

const made = newestFirst(sql`created_at`, sql`id`);

type OrganizationRow = { id: string; name: string; created_at: Date; disabled_at: Date | null };

function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
  };
}
