import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { createAdapter } from '../../src/oauth/adapter.ts';
import { addPartitionsAhead, oauthSweepTasks, sweepExpired } from '../../src/oauth/sweep.ts';
import { addPartition, dropExpiredPartitions } from '../../src/postgres/partition.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat, deriveKeys } from '../../src/secret.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { captureLog, testSecret } from '../support/server.ts';

let database: TestDatabase;
let db: Pool;
const format = createTokenFormat('pst');
const adapter = (name: string) =>
  createAdapter(db, { format, userCodeKeys: deriveKeys([testSecret], 'user codes') })(name);

before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log: captureLog().log });
});
after(async () => {
  await db.close();
  await database.drop();
});

async function partitions(): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    sql`select inhrelid::regclass::text as name from pg_inherits
        where inhparent = 'access_tokens'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe('the sweep', () => {
  it('makes the partitions of today and tomorrow, however many servers do so at once', async () => {
    const clock = { now: () => new Date('2033-02-28T23:59:59Z') };
    await Promise.all(Array.from({ length: 10 }, () => addPartitionsAhead(db, clock)));
    const names = await partitions();
    assert.ok(names.includes('access_tokens_20330228') && names.includes('access_tokens_20330301'));
  });

  it('drops a past day when every token of it is over, and no other', async () => {
    const [over, living] = [new Date('2020-01-01T12:00:00Z'), new Date('2020-01-02T12:00:00Z')];
    for (const day of [over, living]) await addPartition(db, 'access_tokens', day);
    await adapter('AccessToken').upsert(format.issue('at', over), {}, -7_200);
    const token = format.issue('at', living);
    await adapter('AccessToken').upsert(format.issue('at', living), {}, -7_200);
    await adapter('AccessToken').upsert(token, { scope: 'read' }, 60);

    const dropped = await Promise.all(
      Array.from({ length: 5 }, () => dropExpiredPartitions(db, 'access_tokens')),
    );
    assert.deepEqual(dropped.flat(), ['access_tokens_20200101']);
    assert.equal((await adapter('AccessToken').find(token))?.scope, 'read');
    const names = await partitions();
    assert.ok(!names.includes('access_tokens_20200101') && names.includes('access_tokens_20200102'));
  });

  it('keeps a day whose tokens are over for less than an hour, and today', async () => {
    const day = new Date('2020-03-03T12:00:00Z');
    await adapter('AccessToken').upsert(format.issue('at', day), {}, -60);
    await addPartitionsAhead(db, systemClock);
    const before = await partitions();
    await dropExpiredPartitions(db, 'access_tokens');
    const names = await partitions();
    assert.ok(names.includes('access_tokens_20200303'));
    const today = `access_tokens_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
    assert.equal(names.includes(today), before.includes(today));
  });

  it('removes what expired an hour ago, and nothing that a late caller may still ask for', async () => {
    const stores = [
      ['DeviceCode', 'device_codes'],
      ['Grant', 'grants'],
      ['Interaction', 'records'],
    ] as const;
    for (const [model, table] of stores) {
      const ids = ['over', 'lately', 'living'].map((name) => `${model}-${name}`);
      await adapter(model).upsert(ids[0] ?? '', {}, -3_700);
      await adapter(model).upsert(ids[1] ?? '', {}, -60);
      await adapter(model).upsert(ids[2] ?? '', {}, 60);
      assert.equal(await sweepExpired(db, table), 1, model);
      const found = await Promise.all(ids.map((id) => adapter(model).find(id)));
      assert.deepEqual(found.map(Boolean), [false, true, true], model);
    }
  });

  it('removes in small batches', async () => {
    await db.query(
      sql`insert into grants (id_digest, payload, expires_at)
          select sha256(number::text::bytea), '{}', now() - interval '1 day' from generate_series(1, 1500) as number`,
    );
    assert.equal(await sweepExpired(db, 'grants'), 1000);
    assert.equal(await sweepExpired(db, 'grants'), 500);
  });

  it('has a task for every table that the engine writes', async () => {
    for (const task of oauthSweepTasks(db, systemClock)) await assert.doesNotReject(task.run(), task.name);
  });
});
