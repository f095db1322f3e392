import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Remembers when each client authenticated last and writes it down now and then, never while somebody waits. */
export type ClientUseRecorder = {
  record(clientId: string, at: Date): void;
  /** Writes what is remembered; called every few seconds and at the stop. What a crash loses was only this. */
  flush(): Promise<void>;
};

// More clients than this in a few seconds are remembered at their next use.
const mostRemembered = 10_000;

/** A recorder for one process; the latest use of all processes wins. */
export function createClientUseRecorder(db: Database, log: Log): ClientUseRecorder {
  let uses = new Map<string, Date>();
  return {
    record(clientId, at) {
      if (uses.size < mostRemembered || uses.has(clientId)) uses.set(clientId, at);
    },
    async flush() {
      if (uses.size === 0) return;
      const written = [...uses];
      uses = new Map();
      try {
        await write(db, written);
      } catch (error) {
        log.debug({ err: error }, 'could not write down when clients were used');
        for (const [id, at] of written) if (!uses.has(id)) uses.set(id, at);
      }
    },
  };
}

async function write(db: Database, uses: [string, Date][]): Promise<void> {
  await db.query(sql`
    update clients set last_used_at = used_at
    from unnest(${uses.map(([id]) => id)}::text[], ${uses.map(([, at]) => at)}::timestamptz[]) as use (id, used_at)
    where clients.id = use.id and (last_used_at is null or last_used_at < used_at)`);
}
