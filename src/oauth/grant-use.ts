import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { createWriteBehind, type WriteBehind } from '../postgres/write-behind.ts';
import { sha256 } from '../secret.ts';

/** One use of a grant: when its client got a token under it, and from where. */
export type GrantUse = { at: Date; address: string };

/** The last use of each grant; the latest of all processes wins. */
export type GrantUseRecorder = WriteBehind<GrantUse>;

/** A recorder for one process. */
export function createGrantUseRecorder(db: Database, log: Log): GrantUseRecorder {
  const uses = createWriteBehind<GrantUse>({ what: 'grants', log, write: (latest) => write(db, latest) });
  // Of the id, which opens the grant, nothing but the digest is remembered.
  return { ...uses, record: (grantId, use) => uses.record(sha256(grantId).toString('hex'), use) };
}

async function write(db: Database, uses: [string, GrantUse][]): Promise<void> {
  await db.query(sql`
    update grants set last_used_at = used_at, last_used_address = address
    from unnest(
      ${uses.map(([id]) => id)}::text[], ${uses.map(([, { at }]) => at)}::timestamptz[],
      ${uses.map(([, { address }]) => address)}::inet[]
    ) as use (id, used_at, address)
    where grants.id_digest = decode(use.id, 'hex') and (last_used_at is null or last_used_at < used_at)`);
}
