import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { isEqual } from '../secret.ts';
import { type Chain, eventMac, findChain, isSealed, listChains, serverChain } from './chain.ts';
import { pageSize, readSpan } from './events.ts';

/** What somebody has done to a chain. `forgotten`: an end that was known before is not in it any more. */
export type Tampering =
  | 'changed'
  | 'removed'
  | 'inserted'
  | 'ends_changed'
  | 'chain_removed'
  | 'chain_inserted'
  | 'forgotten';

/** The first place where a chain is not as it was written; without a sequence number it is the chain as a whole. */
export type BadPlace = { tampering: Tampering; sequence: number | undefined };

/** The end of a chain at some time. Kept elsewhere, it shows later that nobody has put back an older state. */
export type Checkpoint = { chainId: string; sequence: number; mac: Buffer };

/** What became of one chain; `chainId` is absent where all of it is. */
export type ChainVerdict = {
  chainId: string | undefined;
  /** How many events were right. */
  events: number;
  end: Checkpoint | undefined;
  bad: BadPlace | undefined;
};

/**
 * Verifies every chain, one verdict each, in bounded memory and beside servers that go on writing. `known` are earlier
 * ends of the chains.
 */
export async function* verifyChains(
  db: Database,
  key: Buffer,
  known: readonly Checkpoint[] = [],
): AsyncGenerator<ChainVerdict> {
  const server = await findChain(db, serverChain);
  let expected = 0;
  for (let after = -1; ; ) {
    const chains = await listChains(db, { after });
    for (const { id, number } of chains) {
      for (; expected < number; expected += 1) yield whole('chain_removed');
      expected = number + 1;
      yield await verifyChain(
        db,
        key,
        id,
        known.filter(({ chainId }) => chainId === id),
      );
    }
    const last = chains.at(-1);
    if (!last) break;
    after = last.number;
  }
  for (; server && expected <= server.others; expected += 1) yield whole('chain_removed');
  for (const { chainId } of known) if (!(await findChain(db, chainId))) yield whole('forgotten', chainId);
  for await (const chainId of listStrangers(db)) yield whole('chain_inserted', chainId);
}

/** Verifies one chain; `known` are earlier ends of it. */
export async function verifyChain(
  db: Database,
  key: Buffer,
  id: string,
  known: readonly Checkpoint[] = [],
): Promise<ChainVerdict> {
  for (let chain = await findChain(db, id); chain; ) {
    const { events, bad = await findStrangeEnd(db, key, chain) } = await walk(db, key, chain, known);
    const present = await findChain(db, id);
    if (bad && present && present.anchorSequence > chain.anchorSequence && isSealed(key, present)) {
      // Retention has taken away the beginning meanwhile.
      chain = present;
      continue;
    }
    return { chainId: id, events, bad, end: { chainId: id, sequence: chain.sequence, mac: chain.mac } };
  }
  return whole('chain_removed', id);
}

/** Follows a chain from its anchor to its end, as long as each event is right. */
export async function walk(
  db: Database,
  key: Buffer,
  chain: Chain,
  known: readonly Checkpoint[] = [],
): Promise<{ events: number; bad?: BadPlace }> {
  let previous = chain.anchorMac;
  let sequence = chain.anchorSequence;
  const events = () => sequence - chain.anchorSequence;
  const badAt = (tampering: Tampering, at: number) => ({
    events: events(),
    bad: { tampering, sequence: at },
  });
  const isForgotten = (mac: Buffer) =>
    known.some((end) => end.sequence === sequence && !isEqual(end.mac, mac));
  if (isForgotten(previous)) return badAt('forgotten', sequence);
  while (sequence < chain.sequence) {
    const first = sequence + 1;
    const last = Math.min(sequence + pageSize, chain.sequence);
    for (const event of await readSpan(db, chain.id, { first, last })) {
      if (event.sequence <= sequence) return badAt('inserted', event.sequence);
      if (event.sequence > sequence + 1) return badAt('removed', sequence + 1);
      if (!isEqual(event.mac, eventMac(key, previous, event))) return badAt('changed', event.sequence);
      previous = event.mac;
      sequence = event.sequence;
      if (isForgotten(previous)) return badAt('forgotten', sequence);
    }
    if (sequence < last) return badAt('removed', sequence + 1);
  }
  if (!isEqual(previous, chain.mac)) return badAt('changed', sequence);
  const missing = known.find((end) => end.sequence > chain.sequence);
  return missing ? badAt('forgotten', chain.sequence + 1) : { events: events() };
}

/** What is wrong with the ends of a chain whose events are right. */
async function findStrangeEnd(db: Database, key: Buffer, chain: Chain): Promise<BadPlace | undefined> {
  if (!isSealed(key, chain)) return { tampering: 'ends_changed', sequence: undefined };
  const [row] = await db.query<{ sequence: number | null }>(sql`
    select coalesce(
      (select min(sequence) from audit_events where chain_id = id and audit_events.sequence <= anchor_sequence),
      (select min(sequence) from audit_events where chain_id = id and audit_events.sequence > audit_chains.sequence)
    )::float8 as sequence
    from audit_chains where id = ${chain.id}::uuid`);
  return row?.sequence ? { tampering: 'inserted', sequence: row.sequence } : undefined;
}

/** Chains that nobody has begun: rows that the server's chain does not count, and events of no chain at all. */
async function* listStrangers(db: Database): AsyncGenerator<string> {
  const rows = await db.query<{ id: string }>(sql`
    select id from audit_chains
    where number > coalesce((select others from audit_chains where id = ${serverChain}::uuid), -1)
    order by number limit 100`);
  for (const { id } of rows) yield id;
  for (let last: string | undefined; ; ) {
    const [row] = await db.query<{ id: string; known: boolean }>(sql`
      select chain_id as id, exists (select from audit_chains where id = chain_id) as known from audit_events
      where ${last}::uuid is null or chain_id > ${last}::uuid
      order by chain_id limit 1`);
    if (!row) return;
    if (!row.known) yield row.id;
    last = row.id;
  }
}

function whole(tampering: Tampering, chainId?: string): ChainVerdict {
  return { chainId, events: 0, end: undefined, bad: { tampering, sequence: undefined } };
}
