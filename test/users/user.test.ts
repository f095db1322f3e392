import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { createSession, findSession } from '../../src/users/session.ts';
import {
  addUser,
  disableUser,
  enableUser,
  findUser,
  findUserByEmail,
  listUsers,
  setPassword,
} from '../../src/users/user.ts';
import { openDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

let db: Pool;
before(async () => {
  db = createPool({ url: (await openDatabase()).url, log: testLog });
});
after(() => db.close());

async function add(email: string) {
  const added = await addUser(db, { email, passwordHash: 'a hash' });
  assert.ok('user' in added, JSON.stringify(added));
  return added.user;
}

test('a person is found by id and by address in any spelling', async () => {
  const user = await add(' Zoë@Example.COM ');
  assert.equal(user.email, 'zoë@example.com');
  assert.ok(user.passwordChangedAt);
  assert.deepEqual(await findUser(db, user.id), user);
  assert.deepEqual(await findUserByEmail(db, 'ZOE\u0308@example.com'), user);
});

test('an address that is taken in another spelling is refused', async () => {
  await add('taken@example.com');
  const again = await addUser(db, { email: 'TAKEN@example.com', passwordHash: undefined });
  assert.deepEqual(again, { refusal: 'exists' });
});

test('a person without a password has none changed', async () => {
  const added = await addUser(db, { email: 'federated@example.com', passwordHash: undefined });
  assert.ok('user' in added);
  assert.equal(added.user.passwordHash, undefined);
  assert.equal(added.user.passwordChangedAt, undefined);
});

test('what cannot be an address or an id is refused or not found, and never an error', async () => {
  for (const text of ['', 'nobody', '@example.com', 'a@', 'a b@c', 'a@b\0', `${'a'.repeat(250)}@b.example`]) {
    assert.deepEqual(await addUser(db, { email: text, passwordHash: undefined }), {
      refusal: 'not_an_email',
    });
    assert.equal(await findUserByEmail(db, text), undefined);
    assert.equal(await findUser(db, text), undefined);
  }
  assert.equal(await findUser(db, '00000000-0000-4000-8000-000000000000'), undefined);
});

test('a disabled person stays disabled from the first time on until enabled', async () => {
  const { id } = await add('switch@example.com');
  assert.equal(await disableUser(db, id), true);
  const disabledAt = (await findUser(db, id))?.disabledAt;
  assert.ok(disabledAt);
  await disableUser(db, id);
  assert.deepEqual((await findUser(db, id))?.disabledAt, disabledAt);
  assert.equal(await enableUser(db, id), true);
  assert.equal((await findUser(db, id))?.disabledAt, undefined);
});

test('a new password ends the sessions of that person and of nobody else', async () => {
  const user = await add('reset@example.com');
  const bystander = await add('bystander@example.com');
  const [own, others] = [
    await createSession(db, user.id, ['pwd']),
    await createSession(db, bystander.id, ['pwd']),
  ];
  assert.equal(await setPassword(db, user.id, 'another hash'), true);
  assert.equal((await findUser(db, user.id))?.passwordHash, 'another hash');
  assert.equal(await findSession(db, own), undefined);
  assert.ok(await findSession(db, others));
});

test('what is done to nobody says so', async () => {
  for (const nobody of ['00000000-0000-4000-8000-000000000000', 'not an id', 'nul\0']) {
    assert.equal(await disableUser(db, nobody), false);
    assert.equal(await enableUser(db, nobody), false);
    assert.equal(await setPassword(db, nobody, 'a hash'), false);
  }
});

test('people are listed in pages', async () => {
  for (const email of ['page-a@example.com', 'page-b@example.com', 'page-c@example.com']) await add(email);
  const page = await listUsers(db, { after: 'page-a@example.com', limit: 2 });
  assert.deepEqual(
    page.map(({ email }) => email),
    ['page-b@example.com', 'page-c@example.com'],
  );
});
