import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { hmac, isEqual } from '../secret.ts';
import { counting } from './day.ts';
import type { PlainEvent } from './event.ts';

/** The chain of all that belongs to no organization; those of organizations have their ids. */
export const serverChain = '00000000-0000-0000-0000-000000000000';

/** The two ends of a chain as they are stored, under their seal. */
export type Chain = {
  id: string;
  /** 0 for the server's; those of organizations count from 1. */
  number: number;
  /** Of the server's chain: how many others there are. */
  others: number;
  sequence: number;
  /** The MAC of the last event. */
  mac: Buffer;
  /** When that was; no later one is before it, whatever the database's clock says. */
  at: Date;
  /** The event before the first that is still kept. */
  anchorSequence: number;
  anchorMac: Buffer;
  seal: Buffer;
};

/** An event in its chain. `at` is `YYYY-MM-DDThh:mm:ss.ffffffZ`. */
export type StoredEvent = PlainEvent & { chainId: string; sequence: number; at: string };

/** The MAC of an event, over all of it and the MAC of the one before. */
export function eventMac(key: Buffer, previous: Buffer, event: StoredEvent): Buffer {
  const content = storedFields.map((field) => event[field]);
  return hmac(key, JSON.stringify(['event', previous.toString('hex'), ...content]));
}

/** Whether the ends of a chain are those that somebody with the key has written. */
export function isSealed(key: Buffer, chain: Chain): boolean {
  return isEqual(chain.seal, sealOf(key, chain));
}

/** What the first event of a chain follows. */
function beginningOf(key: Buffer, chainId: string): Buffer {
  return hmac(key, JSON.stringify(['beginning', chainId]));
}

/**
 * Appends events to a chain and returns false where its ends have been tampered with; then they stay so, for the
 * verification to find. Belongs at the end of its transaction: until that is over, nobody else can append to this chain.
 * One chain a transaction, so that no two can wait for each other.
 */
export async function append(
  tx: Database,
  key: Buffer,
  chainId: string,
  events: readonly PlainEvent[],
): Promise<boolean> {
  const { chain, now } = await lockOrBegin(tx, key, chainId);
  let { sequence, mac } = chain;
  const at = instant(now);
  const rows = events.map((event) => {
    sequence += 1;
    const stored: StoredEvent = { ...event, chainId, sequence, at };
    mac = eventMac(key, mac, stored);
    return { ...stored, mac: mac.toString('hex') };
  });
  const isSound = isSealed(key, chain);
  await tx.query(sql`
    with written as (${insertion(rows)}), counted as (${counting(chainId, rows, { isServers: chainId === serverChain })})
    ${moved(key, { ...chain, sequence, mac, at: now }, isSound)}`);
  return isSound;
}

/** Moves the anchor of a chain that the caller has locked: what lies before it may go. */
export async function moveAnchor(
  tx: Database,
  key: Buffer,
  chain: Chain,
  anchor: { sequence: number; mac: Buffer },
): Promise<void> {
  const next = { ...chain, anchorSequence: anchor.sequence, anchorMac: anchor.mac };
  await tx.query(moved(key, next, true));
}

/** The ends of a chain; `undefined` where nothing has happened in it yet. */
export async function findChain(db: Database, id: string): Promise<Chain | undefined> {
  const [row] = await db.query<ChainRow>(sql`select ${columns} from audit_chains where id = ${id}::uuid`);
  return row && toChain(row);
}

/** At most `limit` chains in the order of their numbers, from the one behind `after` on. */
export async function listChains(
  db: Database,
  { after = -1, limit = 100 }: { after?: number; limit?: number } = {},
): Promise<Chain[]> {
  const rows = await db.query<ChainRow>(
    sql`select ${columns} from audit_chains where number > ${after} order by number limit ${limit}`,
  );
  return rows.map(toChain);
}

/** Keeps others from appending to a chain until the transaction is over. */
export async function lockChain(tx: Database, id: string): Promise<{ chain: Chain; now: Date } | undefined> {
  // Time never runs backward in a chain: what retention takes away is then always its beginning.
  const [row] = await tx.query<ChainRow & { now: Date }>(sql`
    select ${columns}, date_trunc('milliseconds', greatest(clock_timestamp(), at)) as now
    from audit_chains where id = ${id}::uuid for update`);
  return row && { chain: toChain(row), now: row.now };
}

async function lockOrBegin(tx: Database, key: Buffer, id: string): Promise<{ chain: Chain; now: Date }> {
  const known = await lockChain(tx, id);
  if (known) return known;
  await begin(tx, key, { id: serverChain, number: 0 });
  if (id !== serverChain) {
    // The lock on the server's chain counts the others: no two begin one at once.
    const server = (await lockChain(tx, serverChain)) as { chain: Chain };
    if (!(await findChain(tx, id))) {
      const number = server.chain.others + 1;
      await tx.query(moved(key, { ...server.chain, others: number }, isSealed(key, server.chain)));
      await begin(tx, key, { id, number });
    }
  }
  return (await lockChain(tx, id)) as { chain: Chain; now: Date };
}

async function begin(
  tx: Database,
  key: Buffer,
  { id, number }: { id: string; number: number },
): Promise<void> {
  const mac = beginningOf(key, id);
  const [row] = await tx.query<{ now: Date }>(
    sql`select date_trunc('milliseconds', clock_timestamp()) as now`,
  );
  const at = row?.now as Date;
  const ends = { id, number, others: 0, sequence: 0, mac, at, anchorSequence: 0, anchorMac: mac };
  await tx.query(sql`
    insert into audit_chains (id, number, sequence, mac, at, anchor_mac, seal)
    values (${id}::uuid, ${number}, 0, ${mac}, ${at}, ${mac}, ${sealOf(key, ends)})
    on conflict do nothing`);
}

function sealOf(key: Buffer, chain: Omit<Chain, 'seal'>): Buffer {
  const { id, number, others, sequence, mac, at, anchorSequence, anchorMac } = chain;
  const ends = [sequence, mac.toString('hex'), at, anchorSequence, anchorMac.toString('hex')];
  return hmac(key, JSON.stringify(['chain', id, number, others, ...ends]));
}

/** A seal that was broken is not mended: the row must not become good again with what a stranger wrote in it. */
function moved(key: Buffer, chain: Chain, isSound: boolean): Sql {
  return sql`
    update audit_chains set others = ${chain.others}, sequence = ${chain.sequence}, mac = ${chain.mac},
      at = ${chain.at}, anchor_sequence = ${chain.anchorSequence}, anchor_mac = ${chain.anchorMac},
      seal = ${isSound ? sealOf(key, chain) : chain.seal}
    where id = ${chain.id}::uuid`;
}

/** In the order that the MAC takes them. */
const storedFields = [
  'chainId',
  'sequence',
  'at',
  'action',
  'outcome',
  'reason',
  'actorKind',
  'actorId',
  'actorName',
  'actorVia',
  'targetKind',
  'targetId',
  'targetName',
  'address',
  'agent',
  'requestId',
  'details',
] as const satisfies (keyof StoredEvent)[];

function insertion(rows: readonly (StoredEvent & { mac: string })[]): Sql {
  return sql`
    insert into audit_events (
      chain_id, sequence, at, action, outcome, reason, actor_kind, actor_id, actor_name, actor_via,
      target_kind, target_id, target_name, address, agent, request_id, details, mac
    )
    select "chainId", sequence, at, action, outcome, reason, "actorKind", "actorId", "actorName", "actorVia",
      "targetKind", "targetId", "targetName", address, agent, "requestId", details::json, decode(mac, 'hex')
    from json_to_recordset(${JSON.stringify(rows)}::json) as event (
      "chainId" uuid, sequence bigint, at timestamptz, action text, outcome text, reason text, "actorKind" text,
      "actorId" text, "actorName" text, "actorVia" text, "targetKind" text, "targetId" text, "targetName" text,
      address text, agent text, "requestId" text, details text, mac text
    )`;
}

/** Six digits, as the database would show it, so that not even a microsecond can be changed. */
function instant(at: Date): string {
  return at.toISOString().replace('Z', '000Z');
}

const columns = sql`id, number, others, sequence::float8, mac, at, anchor_sequence::float8, anchor_mac, seal`;

type ChainRow = {
  id: string;
  number: number;
  others: number;
  sequence: number;
  mac: Buffer;
  at: Date;
  anchor_sequence: number;
  anchor_mac: Buffer;
  seal: Buffer;
};

function toChain(row: ChainRow): Chain {
  const { id, number, others, sequence, mac, at, seal } = row;
  return {
    id,
    number,
    others,
    sequence,
    mac,
    at,
    anchorSequence: row.anchor_sequence,
    anchorMac: row.anchor_mac,
    seal,
  };
}
