import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { type Chain, findChain, isSealed, lockChain, moveAnchor } from './chain.ts';
import { listOldPartitions } from './partition.ts';
import { walk } from './verification.ts';

/** What trims the chains. */
export type RetentionOptions = { key: Buffer; days: number; log: Log };

/**
 * Drops the months in which everything is older than `days`, the oldest first, and returns their names. What goes is
 * verified first: were it dropped unseen, so would be the proof that somebody had changed it or moved it there. Any
 * number of servers may do so at once.
 */
export async function dropOldEvents(db: Database, options: RetentionOptions): Promise<string[]> {
  const dropped: string[] = [];
  for (;;) {
    const name = await db.transaction((tx) => dropOldest(tx, options));
    if (name === undefined) return dropped;
    dropped.push(name);
  }
}

/** One month at a time, and one server: what another drops meanwhile would look like something that was removed. */
async function dropOldest(tx: Database, { key, days, log }: RetentionOptions): Promise<string | undefined> {
  const [lock] = await tx.query<{ got: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended('audit retention', 0)) as got`,
  );
  const [name] = lock?.got ? await listOldPartitions(tx, days) : [];
  if (name === undefined) return undefined;
  const ends = await findEnds(tx, key, name);
  if ('bad' in ends) {
    log.error({ partition: name, chain: ends.bad }, 'kept old audit events: they do not verify');
    return undefined;
  }
  return (await dropPartition(tx, key, name, ends.chains)) ? name : undefined;
}

/** A chain with what is to become its anchor. */
type TrimmedChain = { chain: Chain; anchor: { sequence: number; mac: Buffer } };

/** Where the chains end in a partition, if all of them are right as far as that; else the id of one that is not. */
async function findEnds(
  db: Database,
  key: Buffer,
  name: string,
): Promise<{ chains: TrimmedChain[] } | { bad: string }> {
  const partition = sql.identifier(name);
  const rows = await db.query<{ id: string; sequence: number; mac: Buffer }>(sql`
    select distinct on (chain_id) chain_id as id, sequence::float8, mac from ${partition}
    order by chain_id, ${partition}.sequence desc`);
  const chains: TrimmedChain[] = [];
  for (const { id, sequence, mac } of rows) {
    const chain = await findChain(db, id);
    if (!chain || !isSealed(key, chain)) return { bad: id };
    // As if the chain ended here.
    const { bad } = await walk(db, key, { ...chain, sequence, mac });
    const count = await countEvents(db, name, id);
    if (bad || count !== sequence - chain.anchorSequence) return { bad: id };
    chains.push({ chain, anchor: { sequence, mac } });
  }
  return { chains };
}

/** Locks chains in the order of their ids; whoever appends holds one alone. */
async function dropPartition(
  tx: Database,
  key: Buffer,
  name: string,
  chains: readonly TrimmedChain[],
): Promise<boolean> {
  for (const { chain, anchor } of chains) {
    const present = await lockChain(tx, chain.id);
    if (present?.chain.anchorSequence !== chain.anchorSequence || !isSealed(key, present.chain)) return false;
    await moveAnchor(tx, key, present.chain, anchor);
  }
  await tx.query(sql`drop table ${sql.identifier(name)}`);
  return true;
}

/** All that a chain has in a partition: what is there twice, or from elsewhere, must not go with it. */
async function countEvents(db: Database, name: string, chainId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::float8 as count from ${sql.identifier(name)} where chain_id = ${chainId}::uuid`,
  );
  return row?.count ?? 0;
}
