import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { type Allowance, createLimits, type Limits } from '../../src/limits/limits.ts';
import { policies } from '../../src/limits/policy.ts';
import { sweepLimits } from '../../src/limits/sweep.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

const secret = 'the master secret of the tests, long enough';

let database: TestDatabase;
let db: Pool;
let limits: Limits;
before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log: testLog });
  limits = createLimits({ db, secret });
});
after(async () => {
  await db.close();
  await database.drop();
});
const { failures, seconds } = policies.user_code_by_account;

const isAllowed = ({ allowed }: Allowance) => allowed;
const letTimePass = () => db.query(sql`update rate_limits set expire = 1`);

test('so many tries at once are allowed, on two servers together', async () => {
  const other = createLimits({ db, secret });
  const tries = Array.from({ length: 3 * failures }, (_, index) =>
    (index % 2 ? limits : other).take('user_code_by_account', 'race'),
  );
  assert.equal((await Promise.all(tries)).filter(isAllowed).length, failures);
});

test('a refusal says how long to wait, and waiting helps', async () => {
  for (let count = 0; count < failures; count += 1) await limits.take('user_code_by_account', 'patient');
  const refused = await limits.take('user_code_by_account', 'patient');
  assert.ok(!refused.allowed);
  assert.ok(refused.retryAfterSeconds > seconds - 60 && refused.retryAfterSeconds <= seconds);
  assert.ok(isAllowed(await limits.take('user_code_by_account', 'another')));
  await letTimePass();
  assert.ok(isAllowed(await limits.take('user_code_by_account', 'patient')));
});

test('refused tries do not make the wait longer', async () => {
  await db.query(sql`delete from rate_limits`);
  for (let count = 0; count < failures + 5; count += 1) await limits.take('user_code_by_account', 'hasty');
  const [before] = await listExpiries();
  await limits.take('user_code_by_account', 'hasty');
  assert.deepEqual((await listExpiries())[0], before);
});

test('what is given back or forgotten is not counted', async () => {
  for (let count = 0; count < 3 * failures; count += 1) {
    assert.ok(isAllowed(await limits.take('user_code_by_account', 'lucky')));
    await limits.giveBack('user_code_by_account', 'lucky');
  }
  for (let count = 0; count <= failures; count += 1) await limits.take('user_code_by_account', 'reformed');
  await limits.forget('user_code_by_account', 'reformed');
  assert.ok(isAllowed(await limits.take('user_code_by_account', 'reformed')));
});

test('policies and the parts of a key do not run into each other', async () => {
  for (let count = 0; count <= failures; count += 1) await limits.take('user_code_by_account', 'ab', 'c');
  assert.ok(!isAllowed(await limits.take('user_code_by_account', 'ab', 'c')));
  assert.ok(isAllowed(await limits.take('user_code_by_account', 'a', 'bc')));
  assert.ok(isAllowed(await limits.take('sign_in_by_account', 'ab', 'c')));
});

test('failures that are counted afterwards shut the door without a query', async () => {
  const { failures: most } = policies.device_code_by_address;
  const other = createLimits({ db, secret });
  for (let count = 1; count < most; count += 1) await limits.fail('device_code_by_address', 'guesser');
  assert.ok(isAllowed(limits.check('device_code_by_address', 'guesser')));
  await limits.fail('device_code_by_address', 'guesser');
  assert.ok(!isAllowed(limits.check('device_code_by_address', 'guesser')));
  assert.ok(isAllowed(limits.check('device_code_by_address', 'bystander')));

  assert.ok(isAllowed(other.check('device_code_by_address', 'guesser')));
  await other.fail('device_code_by_address', 'guesser');
  assert.ok(!isAllowed(other.check('device_code_by_address', 'guesser')));
});

test('the table names nobody', async () => {
  await limits.take('sign_in_by_account', 'ada@example.com');
  const rows = await db.query<{ key: string }>(sql`select key from rate_limits`);
  assert.ok(rows.length > 0);
  for (const { key } of rows) assert.match(key, /^[a-z_]+:[\w-]{43}$/);
});

test('expired counters are swept in batches, live ones stay', async () => {
  await letTimePass();
  const [{ count } = { count: 0 }] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from rate_limits`,
  );
  await limits.take('sign_in_by_account', 'live');
  assert.ok(count > 2);
  assert.equal(await sweepLimits(db, 2), 2);
  assert.equal(await sweepLimits(db), count - 2);
  assert.equal((await listExpiries()).length, 1);
});

test('without the database there is no allowance but an outage', async () => {
  const away = createPool({ url: 'postgres://nobody@127.0.0.1:1/none', log: testLog });
  const lost = createLimits({ db: away, secret });
  await assert.rejects(
    lost.take('sign_in_by_account', 'ada@example.com'),
    (error) => error instanceof AppError && error.code === 'database_unavailable',
  );
  await away.close();
});

function listExpiries() {
  return db.query(sql`select expire from rate_limits order by points desc`);
}
