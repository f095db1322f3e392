import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { wordsOf } from './action.ts';
import type { StoredEvent } from './chain.ts';

/** An event as it was read, with its MAC. */
export type ReadEvent = StoredEvent & { mac: Buffer };

/** Which events of a chain. `actor` is a person or program, or what they acted with; `target` what it was done to. */
export type EventFilter = {
  actor?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** Only those behind this sequence number. */
  after?: number | undefined;
};

/** At most `limit` events of a chain, newest first, from the one behind the sequence number `before` on. */
export async function listEvents(
  db: Database,
  chainId: string,
  filter: EventFilter = {},
  { before, limit = 100 }: { before?: number | undefined; limit?: number } = {},
): Promise<ReadEvent[]> {
  return await readEvents(
    db,
    sql`${matching(chainId, filter)} and (${before}::bigint is null or sequence < ${before})
      order by audit_events.sequence desc limit ${limit}`,
  );
}

/** At most `limit` events of a chain, oldest first; `after` of the filter is where the page before has ended. */
export async function listEventsFromOldest(
  db: Database,
  chainId: string,
  filter: EventFilter,
  limit: number,
): Promise<ReadEvent[]> {
  return await readEvents(
    db,
    sql`${matching(chainId, filter)} order by audit_events.sequence limit ${limit}`,
  );
}

/** Every event of a chain, oldest first, in bounded memory. */
export async function* streamEvents(
  db: Database,
  chainId: string,
  filter: EventFilter = {},
): AsyncGenerator<ReadEvent> {
  for (let { after } = filter; ; ) {
    const page = await listEventsFromOldest(db, chainId, { ...filter, after }, pageSize);
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.sequence;
  }
}

/** What lies between two sequence numbers, both included; more than there should be, where somebody has added to it. */
export async function readSpan(
  db: Database,
  chainId: string,
  { first, last }: { first: number; last: number },
): Promise<ReadEvent[]> {
  return await readEvents(
    db,
    sql`chain_id = ${chainId}::uuid and sequence between ${first} and ${last}
      order by audit_events.sequence, audit_events.at limit ${last - first + 2}`,
  );
}

/** How many events are read at once. */
export const pageSize = 1_000;

/** An event as it is shown to programs. */
export function eventJson(event: ReadEvent) {
  return {
    sequence: event.sequence,
    at: event.at,
    action: event.action,
    words: wordsOf(event.action),
    outcome: event.outcome,
    ...(event.reason !== null && { reason: event.reason }),
    actor: {
      kind: event.actorKind,
      ...(event.actorId !== null && { id: event.actorId }),
      ...(event.actorName !== null && { name: event.actorName }),
      ...(event.actorVia !== null && { via: event.actorVia }),
    },
    ...(event.targetKind !== null && {
      target: {
        kind: event.targetKind,
        id: event.targetId,
        ...(event.targetName !== null && { name: event.targetName }),
      },
    }),
    ...(event.address !== null && { address: event.address }),
    ...(event.agent !== null && { agent: event.agent }),
    ...(event.requestId !== null && { request_id: event.requestId }),
    details: JSON.parse(event.details) as Record<string, unknown>,
    mac: event.mac.toString('base64url'),
  };
}

function matching(chainId: string, { actor, action, target, from, to, after }: EventFilter): Sql {
  return sql`chain_id = ${chainId}::uuid
    and (${actor}::text is null or actor_id = ${actor} or actor_via = ${actor} or actor_name = ${actor})
    and (${action}::text is null or action = ${action})
    and (${target}::text is null or target_id = ${target} or target_name = ${target})
    and (${from}::timestamptz is null or at >= ${from})
    and (${to}::timestamptz is null or at < ${to})
    and (${after}::bigint is null or sequence > ${after})`;
}

async function readEvents(db: Database, condition: Sql): Promise<ReadEvent[]> {
  return await db.query<ReadEvent>(sql`
    select chain_id as "chainId", sequence::float8, action, outcome, reason, actor_kind as "actorKind",
      to_char(audit_events.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
      actor_id as "actorId", actor_name as "actorName", actor_via as "actorVia", target_kind as "targetKind",
      target_id as "targetId", target_name as "targetName", address, agent, request_id as "requestId",
      details::text, mac
    from audit_events where ${condition}`);
}
