import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';

/** One use of a grant: when its client got a token under it, and from where. */
export type GrantUse = { at: Date; address: string };

/** Remembers the last use of each grant and writes it down now and then, never while somebody waits. */
export type GrantUseRecorder = {
  record(grantId: string, use: GrantUse): void;
  /** Writes what is remembered; called every few seconds and at the stop. What a crash loses was only this. */
  flush(): Promise<void>;
};

// More grants than this in a few seconds are remembered at their next use.
const mostRemembered = 10_000;

/** A recorder for one process; the latest use of all processes wins. */
export function createGrantUseRecorder(db: Database, log: Log): GrantUseRecorder {
  let uses = new Map<string, GrantUse>();
  return {
    record(grantId, use) {
      const id = sha256(grantId).toString('hex');
      if (uses.size < mostRemembered || uses.has(id)) uses.set(id, use);
    },
    async flush() {
      if (uses.size === 0) return;
      const written = [...uses];
      uses = new Map();
      try {
        await write(db, written);
      } catch (error) {
        log.debug({ err: error }, 'could not write down when grants were used');
        for (const [id, use] of written) if (!uses.has(id)) uses.set(id, use);
      }
    },
  };
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
