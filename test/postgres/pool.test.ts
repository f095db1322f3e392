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

  for (const [what, isOutage, ...codes] of [
    ['of a connection', true, '08000', '08003', '08006', '08P01'],
    ['of whom it lets in, and to which database', true, '28000', '28P01', '3D000'],
    ['of resources, operators and the system', true, '53100', '53200', '53300', '57014', '57P01', '57P02'],
    [
      'of its start, its end and a killed session',
      true,
      '57P03',
      '57P04',
      '57P05',
      '58000',
      '58030',
      '58P01',
    ],
    ['of what operators let nobody wait for', true, '55P03', '25P03', '25P04'],
    ['of a standby', true, '25006', '0A000', '40001'],
    ['of a wrong statement', false, '22021', '23505', '25P02', '42501', '42P01', 'P0001', 'HV000'],
    ['of something in another state than a statement wants', false, '55000', '55006'],
    ['of a deadlock, damaged data and a damaged configuration', false, '40P01', 'XX000', 'XX001', 'F0000'],
  ] as const) {
    it(`of PostgreSQL is ${isOutage ? 'an' : 'no'} outage where it speaks ${what}`, () => {
      for (const code of codes) {
        assert.equal(sqlstate({ code }), code);
        assert.equal(isUnavailable({ code }), isOutage, code);
      }
    });
  }
});
