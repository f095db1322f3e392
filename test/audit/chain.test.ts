import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Act } from '../../src/audit/action.ts';
import { type AuditLog, openAuditLog } from '../../src/audit/audit-log.ts';
import { serverChain } from '../../src/audit/chain.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import { listEvents, streamEvents } from '../../src/audit/events.ts';
import { type ChainVerdict, type Checkpoint, verifyChains } from '../../src/audit/verification.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { type Sql, sql } from '../../src/postgres/sql.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { captureLog, testSecret } from '../support/server.ts';

let database: TestDatabase;
let db: Pool;
let audit: AuditLog;
const { log, logged } = captureLog();

before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log, max: 8 });
  audit = await openAuditLog(db, [testSecret], log);
});
after(async () => {
  await db.close();
  await database.drop();
});

const act = (organizationId?: string, changes: Partial<AuditEvent<Act>> = {}): AuditEvent<Act> => ({
  action: 'token.created',
  actor: { kind: 'person', id: 'ada', name: 'ada@example.com' },
  target: { kind: 'token', id: 'a-token', name: 'Backup' },
  organizationId,
  origin: { address: '192.0.2.1', agent: 'test', requestId: 'a-request' },
  details: { permissions: { 'https://api.example.com': ['read'] } },
  ...changes,
});

async function verify(known: Checkpoint[] = []): Promise<ChainVerdict[]> {
  return await collect(verifyChains(db, audit.key, known));
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function badPlaces(known: Checkpoint[] = []) {
  return (await verify(known)).flatMap(({ chainId, bad }) => (bad ? [{ chainId, ...bad }] : []));
}

/** An empty log, with the key that it has. */
async function forget(): Promise<void> {
  await db.query(sql`truncate audit_events, audit_chains`);
}

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const anyAct = fc.record({
  action: fc.constantFrom<Act>('token.created', 'member.disabled', 'grant.revoked'),
  actor: fc.oneof(
    fc.record({ kind: fc.constant('person' as const), id: anyText, name: anyText }),
    fc.record({ kind: fc.constant('operator' as const), name: anyText }),
    fc.constant({ kind: 'nobody' as const }),
  ),
  target: fc.option(fc.record({ kind: fc.constant('token' as const), id: anyText }), { nil: undefined }),
  origin: fc.record({ address: anyText, agent: anyText, requestId: anyText }),
  reason: fc.option(anyText, { nil: undefined }),
  details: fc.record({ fields: fc.array(anyText, { maxLength: 3 }), grants: fc.nat() }),
});

/** Ways to lay hands on the row of one event, or on the ends of its chain, with the right to write everything. */
const tamperings: Record<string, (chain: string, sequence: number) => Sql[]> = {
  'another action': (chain, sequence) => [
    sql`update audit_events set action = 'user.added' where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'another name': (chain, sequence) => [
    sql`update audit_events set actor_name = coalesce(actor_name, '') || 'x'
        where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'no name instead of an empty one, or the other way round': (chain, sequence) => [
    sql`update audit_events set actor_via = case when actor_via is null then '' end
        where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'another outcome': (chain, sequence) => [
    sql`update audit_events set outcome = case outcome when 'success' then 'refused' else 'success' end
        where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'other details': (chain, sequence) => [
    sql`update audit_events set details = (details::text || ' ')::json
        where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'a microsecond later': (chain, sequence) => [
    sql`update audit_events set at = at + interval '1 microsecond'
        where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'another MAC': (chain, sequence) => [
    sql`update audit_events set mac = sha256(mac) where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  removed: (chain, sequence) => [
    sql`delete from audit_events where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'removed, and those behind it moved up': (chain, sequence) => [
    sql`delete from audit_events where chain_id = ${chain}::uuid and sequence = ${sequence}`,
    sql`update audit_events set sequence = sequence - 1, at = at + interval '1 hour'
        where chain_id = ${chain}::uuid and sequence > ${sequence}`,
    sql`update audit_chains set sequence = sequence - 1 where id = ${chain}::uuid`,
  ],
  'cut off from there on': (chain, sequence) => [
    sql`update audit_chains set sequence = ${sequence - 1}, mac = coalesce((
          select mac from audit_events where chain_id = id and audit_events.sequence = ${sequence - 1}
        ), anchor_mac) where id = ${chain}::uuid`,
    sql`delete from audit_events where chain_id = ${chain}::uuid and sequence >= ${sequence}`,
  ],
  'cut off before it, as if it were too old': (chain, sequence) => [
    sql`update audit_chains set anchor_sequence = ${sequence}, anchor_mac = (
          select mac from audit_events where chain_id = id and audit_events.sequence = ${sequence}
        ) where id = ${chain}::uuid`,
    sql`delete from audit_events where chain_id = ${chain}::uuid and sequence <= ${sequence}`,
  ],
  twice: (chain, sequence) => [
    sql`insert into audit_events
        select chain_id, sequence, at + interval '1 microsecond', action, outcome, reason, actor_kind, actor_id,
          actor_name, actor_via, target_kind, target_id, target_name, address, agent, request_id, details, mac
        from audit_events where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'once more at the end': (chain, sequence) => [
    sql`insert into audit_events
        select chain_id, (select sequence + 1 from audit_chains where id = chain_id), at, action, outcome, reason,
          actor_kind, actor_id, actor_name, actor_via, target_kind, target_id, target_name, address, agent,
          request_id, details, mac
        from audit_events where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'put to the other end': (chain, sequence) => [
    sql`with ends as (select sequence as last from audit_chains where id = ${chain}::uuid)
        update audit_events set sequence = last + 1 - sequence + case when last + 1 = 2 * sequence then 1 else 0 end
        from ends where chain_id = ${chain}::uuid and sequence in (${sequence}, last + 1 - ${sequence})`,
  ],
  'carried into another chain': (chain, sequence) => [
    sql`update audit_events set chain_id = ${randomUUID()}::uuid
        where chain_id = ${chain}::uuid and sequence = ${sequence}`,
  ],
  'with all of its chain': (chain) => [
    sql`delete from audit_events where chain_id = ${chain}::uuid`,
    sql`delete from audit_chains where id = ${chain}::uuid`,
  ],
  'with the ends of its chain': (chain) => [sql`delete from audit_chains where id = ${chain}::uuid`],
  'with fewer chains beside it': () => [sql`update audit_chains set others = others - 1 where others > 0`],
};

describe('the audit log', () => {
  it('finds any tampering with any event of any chain, and nothing where there was none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ chain: fc.nat({ max: 2 }), act: anyAct }), { minLength: 4, maxLength: 12 }),
        fc.constantFrom(...Object.keys(tamperings)),
        fc.nat(),
        async (history, name, which) => {
          await forget();
          const chains = [undefined, randomUUID(), randomUUID()];
          for (const { chain, act } of history) {
            await audit.record(db, { ...act, organizationId: chains[chain] });
          }
          // With one chain alone there is none that could be missing.
          for (const organizationId of chains) await audit.record(db, act(organizationId));
          assert.deepEqual(await badPlaces(), [], 'before');
          const events = (
            await Promise.all(chains.map((chain) => listEvents(db, chain ?? serverChain)))
          ).flat();
          const { chainId, sequence } = events[which % events.length] as (typeof events)[number];
          const statements = tamperings[name]?.(chainId, sequence) ?? [];
          await db.transaction(async (tx) => {
            for (const statement of statements) await tx.query(statement);
          });
          assert.notDeepEqual(await badPlaces(), [], name);
          // Whatever is written behind it does not cover it up.
          for (const organizationId of chains) await audit.record(db, act(organizationId));
          assert.notDeepEqual(await badPlaces(), [], `${name}, later`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('names the first bad place', async () => {
    await forget();
    const organizationId = randomUUID();
    for (let count = 0; count < 5; count += 1) await audit.record(db, act(organizationId));
    const at = (sequence: number) => sql`chain_id = ${organizationId}::uuid and sequence = ${sequence}`;
    await db.query(sql`update audit_events set agent = 'other' where ${at(4)}`);
    assert.deepEqual(await badPlaces(), [{ chainId: organizationId, tampering: 'changed', sequence: 4 }]);
    await db.query(sql`delete from audit_events where ${at(2)}`);
    assert.deepEqual(await badPlaces(), [{ chainId: organizationId, tampering: 'removed', sequence: 2 }]);
    const before = logged();
    await audit.record(db, act(organizationId));
    assert.equal(logged(), before, 'the ends are right');
    await db.query(sql`update audit_chains set sequence = 4 where id = ${organizationId}::uuid`);
    await audit.record(db, act(organizationId));
    assert.match(logged().slice(before.length), /the audit log was tampered with/);
  });

  it('follows a chain that is longer than what is read at once', async () => {
    await forget();
    await audit.record(db, ...Array.from({ length: 2_345 }, () => act()));
    assert.deepEqual(
      (await verify()).map(({ events, bad }) => [events, bad]),
      [[2_345, undefined]],
    );
    await db.query(sql`delete from audit_events where sequence = 2000`);
    assert.deepEqual(await badPlaces(), [{ chainId: serverChain, tampering: 'removed', sequence: 2_000 }]);
  });

  it('shows with an end that was kept elsewhere that an older state was put back', async () => {
    await forget();
    const organizationId = randomUUID();
    for (let count = 0; count < 3; count += 1) await audit.record(db, act(organizationId));
    const [old] = await db.query<{ row: string }>(
      sql`select to_json(c)::text as row from audit_chains c where id = ${organizationId}::uuid`,
    );
    for (let count = 0; count < 3; count += 1) await audit.record(db, act(organizationId));
    const known = (await verify()).flatMap(({ end }) => (end ? [end] : []));
    assert.deepEqual(await badPlaces(known), []);
    await db.query(sql`delete from audit_events where chain_id = ${organizationId}::uuid and sequence > 3`);
    await db.query(sql`delete from audit_chains where id = ${organizationId}::uuid`);
    await db.query(
      sql`insert into audit_chains select * from json_populate_record(null::audit_chains, ${old?.row}::json)`,
    );
    assert.deepEqual(await badPlaces(), [], 'nothing in the database itself tells');
    assert.deepEqual(await badPlaces(known), [
      { chainId: organizationId, tampering: 'forgotten', sequence: 4 },
    ]);
    for (let count = 0; count < 5; count += 1) await audit.record(db, act(organizationId));
    assert.deepEqual(await badPlaces(known), [
      { chainId: organizationId, tampering: 'forgotten', sequence: 6 },
    ]);
    await forget();
    await audit.record(db, act());
    assert.deepEqual(await badPlaces(known), [
      { chainId: organizationId, tampering: 'forgotten', sequence: undefined },
    ]);
  });

  it('lets no event stand in the place of one, though it was there before another state was put back', async () => {
    await forget();
    const table = (from: string, to: string) =>
      sql`create table ${sql.identifier(to)} as table ${sql.identifier(from)}`;
    for (let count = 0; count < 3; count += 1) await audit.record(db, act());
    await db.query(table('audit_chains', 'kept_chains'));
    await audit.record(db, act(undefined, { action: 'user.disabled' }));
    await db.query(table('audit_events', 'kept_events'));
    await db.query(sql`delete from audit_events where sequence = 4`);
    await db.query(sql`delete from audit_chains`);
    await db.query(sql`insert into audit_chains table kept_chains`);
    for (let count = 0; count < 2; count += 1) await audit.record(db, act());
    await db.query(sql`delete from audit_events where sequence = 4`);
    await db.query(sql`insert into audit_events select * from kept_events where sequence = 4`);
    assert.deepEqual(await badPlaces(), [{ chainId: serverChain, tampering: 'changed', sequence: 5 }]);
  });

  it('finds chains that nobody has begun', async () => {
    await forget();
    await audit.record(db, act(randomUUID()));
    const [stranger, another] = [randomUUID(), randomUUID()];
    await db.query(sql`
      insert into audit_events (chain_id, sequence, at, action, outcome, actor_kind, details, mac)
      values (${stranger}::uuid, 1, now(), 'user.added', 'success', 'server', '{}', sha256(''))`);
    assert.deepEqual(await badPlaces(), [
      { chainId: stranger, tampering: 'chain_inserted', sequence: undefined },
    ]);
    await db.query(sql`
      insert into audit_chains (id, number, sequence, mac, anchor_mac, seal)
      select ${another}::uuid, 2, 0, mac, mac, seal from audit_chains where number = 0`);
    assert.ok(
      (await badPlaces()).some(
        ({ chainId, tampering }) => chainId === another && tampering === 'chain_inserted',
      ),
    );
  });

  it('keeps a chain whole that many write to at once, from several servers', async () => {
    await forget();
    const another = await openAuditLog(db, [testSecret], log);
    const organizations = [undefined, randomUUID(), randomUUID()];
    let next = 0;
    const writers = Array.from({ length: 8 }, async () => {
      for (let index = next++; index < 60; index = next++) {
        await db.transaction(async (tx) => {
          await [audit, another][index % 2]?.record(
            tx,
            act(organizations[index % 3]),
            act(organizations[index % 3]),
          );
        });
      }
    });
    await Promise.all(writers);
    assert.deepEqual(
      (await verify()).map(({ events, bad }) => [events, bad]),
      [
        [40, undefined],
        [40, undefined],
        [40, undefined],
      ],
    );
  });

  it('can be verified while it is written to', async () => {
    await forget();
    const organizationId = randomUUID();
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await audit.record(db, act(organizationId));
    })();
    for (let count = 0; count < 10; count += 1) assert.deepEqual(await badPlaces(), []);
    isOver = true;
    await writing;
  });

  it('has no gap where an act was rolled back, and no event of it', async () => {
    await forget();
    await audit.record(db, act());
    const failing = db.transaction(async (tx) => {
      await audit.record(tx, act(undefined, { action: 'user.added' }));
      throw new Error('it did not work');
    });
    await assert.rejects(failing, /it did not work/);
    await audit.record(db, act());
    assert.deepEqual(
      (await listEvents(db, serverChain)).map(({ sequence, action }) => [sequence, action]),
      [
        [2, 'token.created'],
        [1, 'token.created'],
      ],
    );
    assert.deepEqual(await badPlaces(), []);
  });

  it('never runs backward in time, whatever the database’s clock does', async () => {
    await forget();
    await audit.record(db, act());
    const later = new Date('2031-05-05T05:05:05Z');
    await db.query(sql`create table if not exists audit_events_203105 partition of audit_events
      for values from ('2031-05-01 00:00:00+00') to ('2031-06-01 00:00:00+00')`);
    // As after a second in which the clock was years ahead; the row is not sealed again, which is another matter.
    await db.query(sql`update audit_chains set at = ${later}`);
    await audit.record(db, act());
    const [last] = await listEvents(db, serverChain);
    assert.equal(last?.at, '2031-05-05T05:05:05.000000Z');
    await forget();
    await db.query(sql`drop table audit_events_203105`);
  });

  it('lists newest first by who, what, on what and when, and streams oldest first', async () => {
    await forget();
    const bob = { kind: 'api_token' as const, id: 'bob', name: 'bob@example.com', via: 'his-token' };
    await audit.record(db, act(), act(undefined, { actor: bob }));
    await audit.record(
      db,
      act(undefined, { action: 'token.removed', target: { kind: 'token', id: 'other' } }),
    );
    const list = async (filter: Parameters<typeof listEvents>[2], page = {}) =>
      (await listEvents(db, serverChain, filter, page)).map(({ sequence }) => sequence);
    assert.deepEqual(await list({}), [3, 2, 1]);
    assert.deepEqual(await list({}, { before: 3, limit: 1 }), [2]);
    for (const actor of ['bob', 'bob@example.com', 'his-token']) assert.deepEqual(await list({ actor }), [2]);
    assert.deepEqual(await list({ action: 'token.removed' }), [3]);
    for (const target of ['a-token', 'Backup']) assert.deepEqual(await list({ target }), [2, 1]);
    const [third] = await listEvents(db, serverChain);
    const at = new Date(third?.at ?? '');
    assert.deepEqual(await list({ from: at, action: 'token.removed' }), [3]);
    assert.deepEqual(await list({ to: at, action: 'token.removed' }), []);
    const streamed = await collect(streamEvents(db, serverChain, { after: 1 }));
    assert.deepEqual(
      streamed.map(({ sequence }) => sequence),
      [2, 3],
    );
  });
});
