import { AppError } from '../errors.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { deriveKey, open, seal, sha256 } from '../secret.ts';
import type { Caller } from '../verify/caller.ts';
import type { Answer } from './operation.ts';

/** How long an answer can be had again. */
export const keptSeconds = 24 * 3600;

/** One request that must not happen twice: its `Idempotency-Key`, and what was asked. */
export type OnceOnly = { key: string; caller: Caller; request: string };

/**
 * Does `work` once for a key; the same request gets the same answer again, sealed in between under key and credential.
 * One that comes meanwhile waits. `work` and the memory of it are one transaction: neither is there without the other.
 */
export async function doOnce(
  db: Database,
  { key, caller, request }: OnceOnly,
  work: (tx: Database) => Promise<Answer>,
): Promise<Answer> {
  const digest = sha256(JSON.stringify([caller.credentialId, key]));
  const sealing = deriveKey(JSON.stringify([caller.credential, key]), 'idempotent answers');
  return await db.transaction(async (tx) => {
    const claimed = await tx.query(sql`
      insert into idempotent_requests (digest, request, expires_at)
      values (${digest}, ${sha256(request)}, now() + make_interval(secs => ${keptSeconds}))
      on conflict (digest) do update
        set request = excluded.request, answer = null, created_at = now(), expires_at = excluded.expires_at
        where idempotent_requests.expires_at < now()
      returning digest`);
    if (claimed.length === 0) return await findAnswer(tx, digest, sha256(request), sealing);
    const answer = await work(tx);
    // The session of before is over: nobody can ask for this again, and its new id is kept nowhere.
    const kept = { ...answer, session: undefined };
    await tx.query(sql`
      update idempotent_requests set answer = ${seal(sealing, JSON.stringify(kept))} where digest = ${digest}`);
    return answer;
  });
}

async function findAnswer(db: Database, digest: Buffer, request: Buffer, sealing: Buffer): Promise<Answer> {
  const [row] = await db.query<{ request: Buffer; answer: Buffer }>(
    sql`select request, answer from idempotent_requests where digest = ${digest}`,
  );
  if (!row?.request.equals(request)) {
    throw new AppError('unprocessable', 'This Idempotency-Key was sent with another request before');
  }
  const plain = open(sealing, row.answer);
  if (!plain)
    throw new AppError('conflict', 'This was done already; ask with the credential that it was done with');
  return JSON.parse(plain.toString()) as Answer;
}

/** Removes up to `most` answers that nobody can have any more, and tells how many. Any number of servers may sweep at once. */
export async function sweepIdempotentRequests(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from idempotent_requests where digest in (
      select digest from idempotent_requests where expires_at < now()
      order by expires_at limit ${most} for update skip locked
    )
    returning digest`);
  return rows.length;
}
