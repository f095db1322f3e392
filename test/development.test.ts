import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { disableClient, findClient, getClient, removeClient } from '../src/clients/client.ts';
import { hasSecret } from '../src/clients/secret.ts';
import {
  addDevelopmentData,
  demoApi,
  demoCli,
  demoMachine,
  demoUser,
  hasDevelopmentData,
} from '../src/development.ts';
import { listOrganizationsOfUser } from '../src/organizations/organization.ts';
import { createPool } from '../src/postgres/pool.ts';
import { sql } from '../src/postgres/sql.ts';
import { verifyPassword } from '../src/users/password.ts';
import { findUserByEmail } from '../src/users/user.ts';
import { openDatabase } from './support/postgres.ts';
import { testLog } from './support/temporary-postgres.ts';

const database = await openDatabase();
const db = createPool({ url: database.url, log: testLog });
after(() => db.close());

const api = 'https://api.example.com';
const jobs = 'https://jobs.example.com';

test('two servers at once add the development data once', async () => {
  assert.equal(await hasDevelopmentData(db), false);
  await Promise.all([addDevelopmentData(db), addDevelopmentData(db)]);
  assert.equal(await hasDevelopmentData(db), true);

  const [machine, cli, introspector] = await Promise.all(
    ['demo-machine', 'demo-cli', 'demo-api'].map((id) => getClient(db, id)),
  );
  assert.equal(hasSecret(machine, 'demo-machine-secret-for-development-only'), true);
  assert.deepEqual(machine?.allowed, { [api]: ['read', 'write'], [jobs]: ['run'] });
  assert.equal(machine?.defaultResource, api);
  assert.equal(cli?.authentication, 'none');
  assert.deepEqual(cli?.grantTypes, ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token']);
  assert.equal(hasSecret(introspector, 'demo-api-secret-for-development-only'), true);
  assert.deepEqual(introspector?.audiences, [api, jobs]);

  const user = await findUserByEmail(db, 'demo@example.com');
  assert.equal(await verifyPassword(user?.passwordHash, 'correct horse battery staple'), true);
  assert.equal((await listOrganizationsOfUser(db, user?.id ?? '')).length, 1);
});

test('what is absent is added again, and what was changed stays changed', async () => {
  await addDevelopmentData(db);
  await removeClient(db, demoCli.id);
  await disableClient(db, demoMachine.id);
  await addDevelopmentData(db);
  assert.ok(await findClient(db, demoCli.id));
  assert.ok((await getClient(db, demoMachine.id)).disabledAt);
  assert.equal((await getClient(db, demoMachine.id)).secrets.length, 1);
});

test('any one of the demo clients or the demo user is development data', async () => {
  await addDevelopmentData(db);
  for (const { id } of [demoMachine, demoCli, demoApi]) await removeClient(db, id);
  assert.equal(await hasDevelopmentData(db), true);
  await db.query(sql`delete from users where email = ${demoUser.email}`);
  assert.equal(await hasDevelopmentData(db), false);
  await addDevelopmentData(db);
  await db.query(sql`delete from users where email = ${demoUser.email}`);
  for (const { id } of [demoMachine, demoCli]) await removeClient(db, id);
  assert.equal(await hasDevelopmentData(db), true);
});
