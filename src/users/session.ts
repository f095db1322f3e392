import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { randomText, sha256 } from '../secret.ts';

/** Who is signed in, since when, and how (`amr`, RFC 8176). */
export type Session = { userId: string; email: string; authenticatedAt: Date; amr: string[] };

// One working day: nobody signs in twice for the devices of one day, and a forgotten browser is locked by the next.
const hours = 12;

/** Begins a session and returns its id, 256 random bits as text for a cookie. Only its digest is stored. */
export async function createSession(db: Database, userId: string, amr: readonly string[]): Promise<string> {
  const id = randomText();
  await db.query(sql`
    insert into sessions (id_digest, user_id, amr, expires_at)
    values (${sha256(id)}, ${userId}, ${amr}, now() + make_interval(hours => ${hours}))`);
  return id;
}

/** The live session of this id, unless its user is disabled. Any text may be asked for. */
export async function findSession(db: Database, id: string): Promise<Session | undefined> {
  if (!/^[0-9A-Za-z]{43}$/.test(id)) return undefined;
  const [row] = await db.query<SessionRow>(sql`
    select sessions.user_id, users.email, sessions.authenticated_at, sessions.amr
    from sessions join users on users.id = sessions.user_id
    where id_digest = ${sha256(id)} and expires_at > now() and users.disabled_at is null`);
  return (
    row && {
      userId: row.user_id,
      email: row.email,
      authenticatedAt: row.authenticated_at,
      amr: row.amr,
    }
  );
}

/** Ends one session, if it is there. */
export async function endSession(db: Database, id: string): Promise<void> {
  await db.query(sql`delete from sessions where id_digest = ${sha256(id)}`);
}

/** Ends every session of a person. */
export async function endSessionsOfUser(db: Database, userId: string): Promise<void> {
  await db.query(sql`delete from sessions where user_id = ${userId}`);
}

/** Removes up to `most` expired sessions, and tells how many. Any number of servers may sweep at once. */
export async function sweepSessions(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from sessions where id_digest in (
      select id_digest from sessions where expires_at < now()
      order by expires_at limit ${most} for update skip locked
    )
    returning id_digest`);
  return rows.length;
}

type SessionRow = { user_id: string; email: string; authenticated_at: Date; amr: string[] };
