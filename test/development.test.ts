import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
import { createPool, type Pool } from '../src/postgres/pool.ts';
import { sql } from '../src/postgres/sql.ts';
import { ensureResource } from '../src/resources/resource.ts';
import { verifyPassword } from '../src/users/password.ts';
import { findUserByEmail } from '../src/users/user.ts';
import { openDatabase } from './support/postgres.ts';
import { testLog } from './support/temporary-postgres.ts';

let db: Pool;
before(async () => {
  db = createPool({ url: (await openDatabase()).url, log: testLog });
});
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

test('the demo program may ask for the management API of each issuer, unless somebody has chosen for it', async () => {
  const one = { resource: 'http://localhost:8628/api', scopes: ['tokens:read', 'tokens:write'] };
  const other = { resource: 'http://localhost:9000/api', scopes: ['tokens:read'] };
  for (const { resource, scopes } of [one, other]) {
    const described = scopes.map((scope) => ({ scope, description: scope, role: 'member' as const }));
    await ensureResource(db, { uri: resource, name: 'Your account', scopes: described });
  }
  await addDevelopmentData(db);
  await Promise.all([addDevelopmentData(db, one), addDevelopmentData(db, one)]);
  await db.query(sql`delete from client_scopes where scope = 'tokens:write'`);
  await addDevelopmentData(db, one);
  await addDevelopmentData(db, other);
  assert.deepEqual((await getClient(db, demoCli.id)).allowed, {
    [one.resource]: ['tokens:read'],
    [other.resource]: ['tokens:read'],
    [api]: ['read', 'write'],
  });
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
