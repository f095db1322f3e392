import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';

/** Seconds for which a passkey may answer a challenge, and a code from a new secret may be typed. */
export const ceremonySeconds = 300;

/** Uses a challenge up. False when it was answered before; no two answers count, however close they come. */
export async function spendChallenge(db: Database, challenge: string): Promise<boolean> {
  const rows = await db.query(sql`
    insert into spent_challenges (digest, expires_at)
    values (${sha256(challenge)}, now() + make_interval(secs => ${2 * ceremonySeconds}))
    on conflict do nothing
    returning 1`);
  return rows.length > 0;
}

/** Forgets up to `most` challenges that have ended, and tells how many. */
export async function sweepChallenges(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from spent_challenges where digest in (
      select digest from spent_challenges where expires_at < now() limit ${most} for update skip locked
    )
    returning 1`);
  return rows.length;
}
