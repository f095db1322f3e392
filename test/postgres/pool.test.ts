import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { isUnavailable, sqlstate } from '../../src/postgres/sqlstate.ts';
import { type DatabaseLine, openDatabaseLine } from '../support/database-line.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

const away = { code: 'database_unavailable', status: 503, headers: { 'Retry-After': '2' } };

let database: TestDatabase;
let line: DatabaseLine;
let db: Pool;
before(async () => {
  database = await openDatabase();
  line = await openDatabaseLine(database.url);
  db = createPool({ url: line.url, log: testLog, max: 1 });
});
after(async () => {
  await db.close();
  await line.close();
  await database.drop();
});

const isCrowd = ({ code, cause }: { code: string; cause?: Error }) =>
  code === away.code && cause?.message.endsWith('others wait for a database connection') === true;

describe('a pool', () => {
  it('commits what returns, rolls back what throws, and goes on with the same connection', async () => {
    const pid = async () => (await db.query(sql`select pg_backend_pid()`))[0];
    const first = await pid();
    await db.query(sql`create table words (word text)`);
    await db.transaction((tx) => tx.query(sql`insert into words values ('kept')`));
    const thrown = db.transaction(async (tx) => {
      await tx.query(sql`insert into words values ('lost')`);
      throw new RangeError('no');
    });
    await assert.rejects(thrown, RangeError);
    assert.deepEqual(await db.query(sql`select word from words`), [{ word: 'kept' }]);
    assert.deepEqual(await pid(), first);
  });

  it('passes on what SQL says', async () => {
    await assert.rejects(db.query(sql`select nothing from nowhere`), { code: '42P01' });
  });

  it('gives up one time-out after its database has paused, in a transaction too, and recovers', async () => {
    const other = createPool({ url: line.url, log: testLog, max: 1 });
    await other.query(sql`select 1`);
    const ended: string[] = [];
    const stalled = Promise.withResolvers<void>();
    const statement = db.transaction(async (tx) => {
      await tx.query(sql`select 1`);
      line.stall();
      stalled.resolve();
      await tx.query(sql`select 2`);
    });
    await stalled.promise;
    // A rollback would wait for five seconds like its statement, a new connection waits for three.
    const statements = (async () => {
      for (const name of ['one', 'two']) {
        await assert.rejects(other.query(sql`select 1`), away);
        ended.push(name);
      }
    })();
    await assert.rejects(statement, away);
    assert.ok(!ended.includes('two'), 'it gave up after another connection had');
    await statements;
    await other.close();
    await line.mend();
    assert.deepEqual(await db.query(sql`select 1 as one`), [{ one: 1 }]);
  });

  it('refuses at once when a thousand wait already', async () => {
    const crowded = createPool({ url: database.url, log: testLog, max: 4 });
    const release = Promise.withResolvers<void>();
    const holding = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const held = Promise.withResolvers<void>();
        const transaction = crowded.transaction(() => {
          held.resolve();
          return release.promise;
        });
        await held.promise;
        return { transaction };
      }),
    );
    const waiting = Promise.allSettled(Array.from({ length: 1_000 }, () => crowded.query(sql`select 1`)));
    await assert.rejects(crowded.query(sql`select 1`), isCrowd);
    await assert.rejects(
      crowded.transaction(() => Promise.resolve()),
      isCrowd,
    );
    release.resolve();
    await Promise.all(holding.map(({ transaction }) => transaction));
    // On a slow machine the last of them may have waited for too long; but none was sent away.
    for (const end of await waiting) assert.ok(end.status === 'fulfilled' || !isCrowd(end.reason));
    await crowded.close();
  });
});

describe('an error', () => {
  it('of the network is an outage, also one of five letters', () => {
    for (const code of ['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', undefined]) {
      const error = Object.assign(new Error('gone'), { code });
      assert.equal(sqlstate(error), undefined);
      assert.equal(isUnavailable(error), true, code);
    }
  });

  it('of PostgreSQL is an outage when another statement would fail as well', () => {
    const outages = ['08006', '53300', '57P01', '57P03', '57014', '58030', '25006', '3D000', '28P01'];
    for (const code of outages) assert.equal(isUnavailable({ code }), true, code);
    for (const code of ['23505', '42P01', '22021', '40001', 'XX000', 'P0001', 'F0000', 'HV000']) {
      assert.equal(sqlstate({ code }), code);
      assert.equal(isUnavailable({ code }), false, code);
    }
  });
});
