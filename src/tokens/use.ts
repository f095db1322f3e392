import { type Log, redactTokens } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** One use of a text of a token; where from is not known to whoever asks for an API. */
export type Use = { at: Date; address: string | undefined; agent: string };

/** Remembers the last use of each text and token and writes it down now and then, never while somebody waits. */
export type UseRecorder = {
  record(valueId: string, use: Use): void;
  /** Writes what is remembered; called every few seconds and at the stop. What a crash loses was only this. */
  flush(): Promise<void>;
};

// A flood of tokens must not fill the memory; what is beyond is remembered at its next use.
const mostRemembered = 10_000;

/** A recorder for one process; the latest use of all processes wins. */
export function createUseRecorder(db: Database, log: Log): UseRecorder {
  let uses = new Map<string, Use>();
  return {
    record(valueId, use) {
      if (uses.size < mostRemembered || uses.has(valueId)) uses.set(valueId, use);
    },
    async flush() {
      if (uses.size === 0) return;
      const written = [...uses];
      uses = new Map();
      try {
        await write(db, written);
      } catch (error) {
        log.debug({ err: error }, 'could not write down when tokens were used');
        for (const [id, use] of written) if (!uses.has(id)) uses.set(id, use);
      }
    },
  };
}

async function write(db: Database, uses: [string, Use][]): Promise<void> {
  await db.query(sql`
    with use as (
      select * from unnest(
        ${uses.map(([id]) => id)}::uuid[], ${uses.map(([, { at }]) => at)}::timestamptz[],
        ${uses.map(([, { address }]) => address)}::inet[], ${uses.map(([, { agent }]) => redactTokens(agent).slice(0, 200))}::text[]
      ) as use (id, used_at, address, agent)
    ),
    written as (
      update api_token_values set last_used_at = used_at, last_used_address = address, last_used_agent = agent
      from use
      where api_token_values.id = use.id and (last_used_at is null or last_used_at < used_at)
      returning token_id, used_at, address, agent
    ),
    latest as (select distinct on (token_id) * from written order by token_id, used_at desc)
    update api_tokens set last_used_at = used_at, last_used_address = address, last_used_agent = agent
    from latest
    where api_tokens.id = token_id and (last_used_at is null or last_used_at < used_at)`);
}
