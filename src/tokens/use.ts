import { type Log, redactTokens } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { createWriteBehind, type WriteBehind } from '../postgres/write-behind.ts';

/** One use of a text of a token; where from is not known to whoever asks for an API. */
export type Use = { at: Date; address: string | undefined; agent: string };

/** The last use of each text, and so of its token; the latest of all processes wins. */
export type UseRecorder = WriteBehind<Use>;

/** A recorder for one process. */
export function createUseRecorder(db: Database, log: Log): UseRecorder {
  return createWriteBehind({ what: 'tokens', log, write: (uses) => write(db, uses) });
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
