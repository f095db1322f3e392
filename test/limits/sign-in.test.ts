import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createLimits, type Limits } from '../../src/limits/limits.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { hashPassword } from '../../src/users/password.ts';
import { createSession, endSession, findSession, sweepSessions } from '../../src/users/session.ts';
import { type Attempt, signIn } from '../../src/users/sign-in.ts';
import { addUser, disableUser, enableUser, type User } from '../../src/users/user.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

const password = 'purple otters climb 7 ladders';

let database: TestDatabase;
let db: Pool;
let limits: Limits;
let ada: User;
before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log: testLog });
  limits = createLimits({ db, secret: 'the master secret of the tests, long enough' });
  const added = await addUser(db, { email: 'ada@example.com', passwordHash: await hashPassword(password) });
  assert.ok('user' in added);
  ada = added.user;
});
after(async () => {
  await db.close();
  await database.drop();
});

const office = '203.0.113.9/32';
const right: Attempt = { email: 'ada@example.com', password, network: office };
const wrong: Attempt = { ...right, password: 'yellow otters climb 7 ladders' };
const outcome = async (attempt: Attempt) => (await signIn(db, limits, attempt)).outcome;

beforeEach(() => db.query(sql`delete from rate_limits`));

test('the right password signs in, in any spelling of the email', async () => {
  const result = await signIn(db, limits, { ...right, email: ' Ada@Example.COM ' });
  assert.ok(result.outcome === 'signed_in');
  assert.equal(result.user.id, ada.id);
  assert.deepEqual(result.amr, ['pwd']);
});

test('an unknown email, a wrong password and a disabled user have one answer', async () => {
  const answers = [await signIn(db, limits, wrong)];
  answers.push(await signIn(db, limits, { ...right, email: 'bob@example.com' }));
  answers.push(await signIn(db, limits, { ...right, email: 'no\0address' }));
  await disableUser(db, ada.id);
  answers.push(await signIn(db, limits, right));
  await enableUser(db, ada.id);
  for (const answer of answers) assert.deepEqual(answer, { outcome: 'wrong' });
});

test('after ten wrong passwords from one network the right one has to wait there, and only there', async () => {
  for (let count = 0; count < 10; count += 1) assert.equal(await outcome(wrong), 'wrong');
  assert.equal(await outcome(right), 'too_many_tries');
  assert.equal(await outcome({ ...right, network: '198.51.100.1/32' }), 'signed_in');
});

test('one person cannot spend the budget of an office', async () => {
  for (let count = 0; count < 400; count += 1) {
    const result = await limits.take('sign_in_by_account_and_address', 'ada@example.com', office);
    if (!result.allowed) break;
  }
  for (let count = 0; count < 20; count += 1) assert.equal(await outcome(right), 'too_many_tries');
  assert.equal(await outcome({ ...right, email: 'bob@example.com' }), 'wrong');
  const [row] = await db.query<{ points: number }>(
    sql`select points from rate_limits where key like 'sign_in_by_address:%'`,
  );
  assert.equal(row?.points, 1);
});

test('success forgives earlier failures', async () => {
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 6; count += 1) assert.equal(await outcome(wrong), 'wrong');
    assert.equal(await outcome(right), 'signed_in');
  }
});

test('a browser that the account knows is let in while others try its account from everywhere', async () => {
  for (let count = 0; count < 100; count += 1) await limits.take('sign_in_by_account', 'ada@example.com');
  const elsewhere = { ...right, network: '192.0.2.77/32' };
  assert.equal(await outcome(elsewhere), 'too_many_tries');
  const knownBrowser = { id: 'a browser', userIds: [ada.id] };
  assert.equal(await outcome({ ...elsewhere, knownBrowser }), 'signed_in');
  assert.equal(
    await outcome({ ...elsewhere, knownBrowser: { id: 'a browser', userIds: ['somebody else'] } }),
    'too_many_tries',
  );
  for (let count = 0; count < 10; count += 1) {
    assert.equal(await outcome({ ...wrong, knownBrowser }), 'wrong');
  }
  assert.equal(await outcome({ ...right, knownBrowser }), 'too_many_tries');
});

test('a session ends when it is ended, when it expires, and while its user is disabled', async () => {
  const id = await createSession(db, ada.id, ['pwd']);
  assert.match(id, /^[0-9A-Za-z]{43}$/);
  assert.deepEqual((await findSession(db, id))?.amr, ['pwd']);
  assert.equal((await findSession(db, id))?.email, 'ada@example.com');
  assert.equal(await findSession(db, `${id}\0`), undefined);
  await disableUser(db, ada.id);
  assert.equal(await findSession(db, id), undefined);
  await enableUser(db, ada.id);
  assert.ok(await findSession(db, id));
  await db.query(
    sql`update sessions set created_at = now() - interval '2 days', expires_at = now() - interval '1 second'`,
  );
  assert.equal(await findSession(db, id), undefined);
  const live = await createSession(db, ada.id, ['pwd']);
  assert.equal(await sweepSessions(db), 1);
  assert.ok(await findSession(db, live));
  await endSession(db, live);
  assert.equal(await findSession(db, live), undefined);
});

test('the database holds no session that works', async () => {
  const id = await createSession(db, ada.id, ['pwd']);
  const rows = await db.query(sql`select * from sessions`);
  assert.ok(!JSON.stringify(rows).includes(id));
});
