import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  addClient,
  disableClient,
  enableClient,
  findClient,
  findClients,
  getClient,
  listClients,
  removeClient,
} from '../../src/clients/client.ts';
import type { Registration } from '../../src/clients/registration.ts';
import { AppError } from '../../src/errors.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sqlstate } from '../../src/postgres/sqlstate.ts';
import { addResource } from '../../src/resources/resource.ts';
import { createTokenFormat, sha256 } from '../../src/secret.ts';
import { openDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

let db: Pool;
before(async () => {
  db = createPool({ url: (await openDatabase()).url, log: testLog });
  await addResource(db, { uri: api, name: 'API', scopes: { read: 'See', write: 'Change' } });
  await addResource(db, { uri: other, name: 'Other', scopes: { read: 'See' } });
});
after(() => db.close());

const format = createTokenFormat('pst');
const api = 'https://api.example.com';
const other = 'https://other.example';

const machine: Registration = {
  id: 'machine',
  name: 'Machine',
  authentication: 'client_secret_basic',
  grantTypes: ['client_credentials'],
  defaultResource: api,
  allowed: { [api]: ['read', 'write'], [other]: ['read'] },
  audiences: [other],
  accessTokenSeconds: 900,
};

async function add(registration: Registration) {
  const added = await addClient(db, registration, format);
  assert.ok('client' in added, JSON.stringify(added));
  return added;
}

test('a client is found as it was registered, and its secret only as a digest', async () => {
  const { client, secret } = await add({ ...machine, id: 'whole', publisher: 'Example Ltd' });
  assert.ok(secret);
  assert.equal(format.parse(secret)?.kind, 'cs');
  assert.deepEqual(await findClient(db, 'whole'), client);
  const { secrets, createdAt, generation, ...rest } = client;
  assert.equal(Math.floor(generation / 1000), createdAt.getTime());
  assert.deepEqual(rest, {
    ...machine,
    id: 'whole',
    publisher: 'Example Ltd',
    refreshTokenSeconds: undefined,
    deviceCodeSeconds: undefined,
    exchanges: undefined,
    registeredWith: undefined,
    organizationId: undefined,
    jwks: undefined,
    jwksUri: undefined,
    dpopBoundAccessTokens: false,
    requireDpopNonce: false,
    verificationUriComplete: true,
    numberMatching: false,
    sameNetwork: false,
    stepUpScopes: [],
    certificateSubject: undefined,
    certificateBoundAccessTokens: false,
    disabledAt: undefined,
    isLive: true,
    lastUsedAt: undefined,
  });
  const [{ id, ...kept } = { id: '' }] = secrets;
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(kept, { digest: sha256(secret), createdAt, expiresAt: undefined });
});

test('a public client has no secret', async () => {
  const { client, secret } = await add({
    ...machine,
    id: 'public',
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    audiences: [],
  });
  assert.equal(secret, undefined);
  assert.deepEqual(client.secrets, []);
});

test('an id that is taken is refused, and the first client stays as it is', async () => {
  const { client } = await add({ ...machine, id: 'taken' });
  assert.deepEqual(await addClient(db, { ...machine, id: 'taken', name: 'Thief', allowed: {} }, format), {
    refusal: 'exists',
  });
  assert.deepEqual(await findClient(db, 'taken'), client);
});

test('of ten registrations of one id at once, one succeeds', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, () => addClient(db, { ...machine, id: 'race' }, format)),
  );
  assert.equal(outcomes.filter((outcome) => 'client' in outcome).length, 1);
  assert.equal((await getClient(db, 'race')).secrets.length, 1);
});

test('unknown resources and scopes are named, and nothing is written', async () => {
  const nowhere = {
    ...machine,
    id: 'nowhere',
    allowed: { 'https://no.example': ['read'] },
    audiences: ['urn:no'],
  };
  assert.deepEqual(await addClient(db, nowhere, format), {
    refusal: 'unknown_resource',
    resources: ['https://no.example', 'urn:no'],
  });
  assert.deepEqual(
    await addClient(db, { ...nowhere, allowed: { [other]: ['write'] }, audiences: [] }, format),
    {
      refusal: 'unknown_scope',
      scopes: [{ resource: other, scope: 'write' }],
    },
  );
  assert.equal(await findClient(db, 'nowhere'), undefined);
});

test('many clients are found at once; ids that no client can have are not looked for', async () => {
  await add({ ...machine, id: 'one' });
  await add({ ...machine, id: 'two' });
  const found = await findClients(db, ['two', 'one', 'one', 'none', 'nul\0', 'x'.repeat(60_000), '']);
  assert.deepEqual([...found.keys()].sort(), ['one', 'two']);
  await assert.rejects(
    getClient(db, 'none'),
    (error) => error instanceof AppError && error.code === 'not_found',
  );
});

test('a list goes on behind the last client of the one before', async () => {
  for (const id of ['list-a', 'list-b', 'list-c']) await add({ ...machine, id });
  const first = await listClients(db, {}, { limit: 2 });
  assert.deepEqual(
    first.map(({ id }) => id),
    ['list-c', 'list-b'],
  );
  const [next] = await listClients(db, {}, { after: first[1]?.place, limit: 1 });
  assert.equal(next?.id, 'list-a');
});

test('a disabled client stays disabled from the first time on until it is enabled', async () => {
  await add({ ...machine, id: 'switch' });
  assert.equal(await disableClient(db, 'switch'), true);
  const { disabledAt } = await getClient(db, 'switch');
  assert.ok(disabledAt);
  assert.equal(await disableClient(db, 'switch'), true);
  assert.deepEqual((await getClient(db, 'switch')).disabledAt, disabledAt);
  assert.equal(await enableClient(db, 'switch'), true);
  assert.equal((await getClient(db, 'switch')).disabledAt, undefined);
});

test('a removed client is gone with all that was its own', async () => {
  await add({ ...machine, id: 'removed' });
  assert.equal(await removeClient(db, 'removed'), true);
  for (const table of ['client_secrets', 'client_scopes', 'client_audiences']) {
    const rows = await db.query(sql`select from ${sql.identifier(table)} where client_id = 'removed'`);
    assert.equal(rows.length, 0);
  }
  for (const change of [removeClient, disableClient, enableClient]) {
    assert.equal(await change(db, 'removed'), false);
    assert.equal(await change(db, 'nul\0'), false);
  }
});

test('the table itself refuses client_credentials without a secret', async () => {
  const open: Registration = { ...machine, id: 'open', authentication: 'none' };
  await assert.rejects(
    addClient(db, open, format),
    (error) => sqlstate(error) === '23514' && String(error).includes('clients_confidential'),
  );
});
