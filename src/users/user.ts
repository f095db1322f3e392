import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';

/** A person. The id is the `sub` of their tokens. */
export type User = {
  id: string;
  email: string;
  /** Argon2id, or `undefined` for somebody who cannot sign in with a password. */
  passwordHash: string | undefined;
  createdAt: Date;
  passwordChangedAt: Date | undefined;
  disabledAt: Date | undefined;
};

/** An email address as it is kept and looked up: without spaces around it, NFC, lower case. */
export function normalizeEmail(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}

/** Whether a text can be an email address at all: something, an @, something; no spaces, no control characters. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u.test(text);
}

/** Adds a person. The hash comes from `chooseHash`, or from `hashPassword` where nobody chose the password. */
export async function addUser(
  db: Database,
  { email, passwordHash }: { email: string; passwordHash: string | undefined },
): Promise<{ user: User } | { refusal: 'exists' } | { refusal: 'not_an_email' }> {
  const normal = normalizeEmail(email);
  if (!isEmail(normal)) return { refusal: 'not_an_email' };
  const [row] = await db.query<UserRow>(sql`
    insert into users (email, password_hash, password_changed_at)
    values (${normal}, ${passwordHash}, case when ${passwordHash !== undefined} then now() end)
    on conflict (email) do nothing
    returning *`);
  return row ? { user: toUser(row) } : { refusal: 'exists' };
}

/** The person of this id, disabled or not. Any text may be asked for. */
export async function findUser(db: Database, id: string): Promise<User | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await db.query<UserRow>(sql`select * from users where id = ${id}`);
  return row && toUser(row);
}

/** The person of this address in any spelling, disabled or not. Any text may be asked for. */
export async function findUserByEmail(db: Database, email: string): Promise<User | undefined> {
  const normal = normalizeEmail(email);
  if (!isEmail(normal)) return undefined;
  const [row] = await db.query<UserRow>(sql`select * from users where email = ${normal}`);
  return row && toUser(row);
}

/** At most `limit` people in the order of their addresses, from the one behind `after` on. */
export async function listUsers(
  db: Database,
  { after = '', limit = 100 }: { after?: string; limit?: number } = {},
): Promise<User[]> {
  const rows = await db.query<UserRow>(
    sql`select * from users where email > ${after} order by email limit ${limit}`,
  );
  return rows.map(toUser);
}

/** From now on the person cannot sign in and their tokens are inactive. False if there is no such person. */
export async function disableUser(db: Database, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const rows = await db.query(
    sql`update users set disabled_at = coalesce(disabled_at, now()) where id = ${id} returning id`,
  );
  return rows.length > 0;
}

/** Undoes `disableUser`. False if there is no such person. */
export async function enableUser(db: Database, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const rows = await db.query(sql`update users set disabled_at = null where id = ${id} returning id`);
  return rows.length > 0;
}

/** Replaces the password and ends every session of the person. False if there is no such person. */
export async function setPassword(db: Database, id: string, passwordHash: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return await db.transaction(async (tx) => {
    const changed = await tx.query(sql`
      update users set password_hash = ${passwordHash}, password_changed_at = now() where id = ${id} returning id`);
    // By themselves: a statement does not see sessions that began while it waited for the account.
    await tx.query(sql`delete from sessions where user_id = ${id}`);
    return changed.length > 0;
  });
}

/**
 * Replaces a password by another, and ends every session of the person but the one named. False where it is not the
 * password any more that was checked.
 */
export async function changePassword(
  db: Database,
  id: string,
  change: { from: string; to: string; sessionId: string },
): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const changed = await tx.query(sql`
      update users set password_hash = ${change.to}, password_changed_at = now()
      where id = ${id}::uuid and password_hash = ${change.from} returning id`);
    if (changed.length === 0) return false;
    await tx.query(sql`
      delete from sessions where user_id = ${id}::uuid and id_digest <> ${sha256(change.sessionId)}`);
    return true;
  });
}

/** Whether this is the person's password still; if it is, it stays so until the transaction ends. */
export async function lockPassword(tx: Database, id: string, passwordHash: string): Promise<boolean> {
  const rows = await tx.query(sql`
    select 1 from users where id = ${id}::uuid and password_hash = ${passwordHash} for share`);
  return rows.length > 0;
}

/** Whether a text is an id as the database makes them. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

type UserRow = {
  id: string;
  email: string;
  password_hash: string | null;
  created_at: Date;
  password_changed_at: Date | null;
  disabled_at: Date | null;
};

function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash ?? undefined,
    createdAt: row.created_at,
    passwordChangedAt: row.password_changed_at ?? undefined,
    disabledAt: row.disabled_at ?? undefined,
  };
}
