import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type AuditLog, openAuditLog } from '../../src/audit/audit-log.ts';
import { append, serverChain } from '../../src/audit/chain.ts';
import { toPlain } from '../../src/audit/event.ts';
import { listEvents } from '../../src/audit/events.ts';
import { dropOldEvents } from '../../src/audit/retention.ts';
import { verifyChain, verifyChains } from '../../src/audit/verification.ts';
import { addPartition } from '../../src/postgres/partition.ts';
import { createPool, type Database, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { captureLog, testSecret } from '../support/server.ts';

let database: TestDatabase;
let db: Pool;
let audit: AuditLog;
const { log, logged } = captureLog();
const organizationId = randomUUID();
const quietId = randomUUID();
const event = toPlain({ action: 'token.created', actor: { kind: 'nobody' }, origin: {} });
const old = ['audit_events_202001', 'audit_events_202002'];

before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log, max: 8 });
  audit = await openAuditLog(db, [testSecret], log);
});
after(async () => {
  await db.close();
  await database.drop();
});

/** Three chains with events in two old months; one of them has been quiet since then. */
beforeEach(async () => {
  await db.query(sql`truncate audit_events, audit_chains`);
  for (const month of ['2020-01-31T23:59:59Z', '2020-02-01T00:00:00Z']) {
    await addPartition(db, 'audit_events', new Date(month));
  }
  for (const [month, chains] of [
    ['2020-01-15T12:00:00Z', [organizationId, quietId]],
    ['2020-02-15T12:00:00Z', [organizationId, serverChain]],
    [undefined, [organizationId, serverChain]],
  ] as const) {
    for (const chain of chains) await writeAt(chain, month);
  }
});

/** Writes two events as if the database's clock stood there. */
async function writeAt(chainId: string, instant: string | undefined): Promise<void> {
  await db.transaction(async (tx) => {
    if (instant !== undefined) {
      // A function of that name before the system's own, for this transaction alone.
      await tx.query(sql`create schema past`);
      await tx.query({
        ...sql`select`,
        text: `create function past.clock_timestamp() returns timestamptz language sql
               as $$ select timestamptz '${instant}' $$`,
      });
      await tx.query(sql`set local search_path = past, public, pg_catalog`);
    }
    await append(tx, audit.key, chainId, [event, event]);
    if (instant !== undefined) await tx.query(sql`drop schema past cascade`);
  });
}

async function badPlaces(): Promise<unknown[]> {
  const bad: unknown[] = [];
  for await (const verdict of verifyChains(db, audit.key)) {
    if (verdict.bad) bad.push({ chainId: verdict.chainId, ...verdict.bad });
  }
  return bad;
}

const drop = (days = 400) => dropOldEvents(db, { key: audit.key, days, log });
const sequences = async (chain: string) => (await listEvents(db, chain)).map(({ sequence }) => sequence);

describe('retention in the audit log', () => {
  it('drops whole months that are over for so long, and the rest still verifies', async () => {
    assert.deepEqual(await badPlaces(), []);
    assert.deepEqual(await drop(), old);
    assert.deepEqual(await sequences(organizationId), [6, 5]);
    assert.deepEqual(await sequences(serverChain), [4, 3]);
    assert.deepEqual(await sequences(quietId), []);
    assert.deepEqual(await badPlaces(), []);
    for (const chain of [organizationId, serverChain, quietId]) await writeAt(chain, undefined);
    assert.deepEqual(await sequences(quietId), [4, 3]);
    assert.deepEqual(await badPlaces(), []);
  });

  it('keeps what is younger', async () => {
    assert.deepEqual(await drop(36_500), []);
    assert.equal((await sequences(organizationId)).length, 6);
  });

  it('happens once where several servers do it at once, beside others that write', async () => {
    const writers = Array.from({ length: 4 }, async () => {
      for (let count = 0; count < 5; count += 1) await writeAt(organizationId, undefined);
    });
    const [dropped] = await Promise.all([Promise.all(Array.from({ length: 4 }, () => drop())), ...writers]);
    await drop();
    assert.deepEqual(new Set(dropped.flat()).size, dropped.flat().length);
    assert.equal((await sequences(organizationId)).length, 42);
    assert.deepEqual(await badPlaces(), []);
  });

  it('is not noticed by a verification that is under way', async () => {
    let isDropped = false;
    const meanwhile: Database = {
      transaction: db.transaction,
      async query(statement) {
        // The ends of the chain have been read, its events have not.
        if (statement.text.includes('sequence between') && !isDropped) {
          isDropped = true;
          assert.deepEqual(await drop(), old);
        }
        return await db.query(statement);
      },
    };
    assert.equal((await verifyChain(meanwhile, audit.key, organizationId)).bad, undefined);
    assert.ok(isDropped);
  });

  it('drops nothing where something was inserted before the beginning', async () => {
    const days = (await db.query<{ days: number }>(
      sql`select extract(day from now() - '2020-02-15')::int as days`,
    )) as [{ days: number }];
    assert.deepEqual(await drop(days[0].days), old.slice(0, 1));
    await db.query(sql`
      insert into audit_events (chain_id, sequence, at, action, outcome, actor_kind, details, mac)
      values (${organizationId}::uuid, 1, '2020-02-10T00:00:00Z', 'user.added', 'success', 'server', '{}', sha256(''))`);
    const bad = await badPlaces();
    assert.deepEqual(bad, [{ chainId: organizationId, tampering: 'inserted', sequence: 1 }]);
    assert.deepEqual(await drop(), []);
    assert.deepEqual(await badPlaces(), bad);
  });

  for (const [what, tamper] of [
    [
      'changed',
      sql`update audit_events set actor_kind = 'server' where chain_id = ${quietId}::uuid and sequence = 1`,
    ],
    ['removed', sql`delete from audit_events where chain_id = ${quietId}::uuid and sequence = 1`],
    [
      'moved there so that it goes',
      sql`update audit_events set at = '2020-01-20T00:00:00Z'
          where chain_id = ${organizationId}::uuid and sequence = 5`,
    ],
    [
      'inserted there',
      sql`insert into audit_events (chain_id, sequence, at, action, outcome, actor_kind, details, mac)
          values (${randomUUID()}::uuid, 1, '2020-01-20T00:00:00Z', 'user.added', 'success', 'server', '{}', sha256(''))`,
    ],
    ['hidden by other ends', sql`update audit_chains set anchor_sequence = 2 where id = ${quietId}::uuid`],
  ] as const) {
    it(`drops nothing where something was ${what}`, async () => {
      await db.query(tamper);
      const bad = await badPlaces();
      assert.notDeepEqual(bad, []);
      const before = logged();
      assert.deepEqual(await drop(), []);
      assert.match(logged().slice(before.length), /they do not verify/);
      assert.deepEqual(await badPlaces(), bad);
    });
  }
});
