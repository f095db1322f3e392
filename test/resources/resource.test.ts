import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { parseResource } from '../../src/resources/registration.ts';
import { addResource, findResource, findResources, listResources } from '../../src/resources/resource.ts';
import { openDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

let db: Pool;
before(async () => {
  db = createPool({ url: (await openDatabase()).url, log: testLog });
});
after(() => db.close());

const api = { resource: 'https://api.example.com', resource_name: 'API', scopes: { read: 'See your data' } };

function registrationOf(input: unknown) {
  const parsed = parseResource(input);
  assert.ok('registration' in parsed, JSON.stringify(parsed));
  return parsed.registration;
}

test('a resource is found with its scopes, by exactly its URI', async () => {
  const added = await addResource(db, registrationOf({ ...api, access_token_lifetime: 600 }));
  assert.ok('resource' in added);
  assert.deepEqual(await findResource(db, api.resource), added.resource);
  assert.deepEqual(added.resource.scopes, api.scopes);
  assert.equal(added.resource.accessTokenSeconds, 600);
  assert.equal(await findResource(db, `${api.resource}/`), undefined);
  assert.equal(await findResource(db, `${api.resource}\0`), undefined);
});

test('a second resource of the same URI is refused and changes nothing', async () => {
  const registration = registrationOf({ ...api, resource: 'https://twice.example' });
  await addResource(db, registration);
  assert.deepEqual(await addResource(db, { ...registration, name: 'Thief', scopes: { all: 'All' } }), {
    refusal: 'exists',
  });
  assert.deepEqual((await findResource(db, registration.uri))?.scopes, api.scopes);
});

test('resources are found together and listed in pages', async () => {
  for (const uri of ['urn://page/a', 'urn://page/b', 'urn://page/c']) {
    await addResource(db, { uri, name: 'Page', scopes: {} });
  }
  const found = await findResources(db, ['urn://page/b', 'urn://page/x', 'urn://page/a']);
  assert.deepEqual([...found.keys()].sort(), ['urn://page/a', 'urn://page/b']);
  const page = await listResources(db, { after: 'urn://page/a', limit: 1 });
  assert.deepEqual(
    page.map(({ uri }) => uri),
    ['urn://page/b'],
  );
});

test('what the schema accepts, the table accepts', async () => {
  for (const resource of ['https://a.example/v1?tenant=x', 'api://machine', 'http://[::1]:8080', 'x:/y']) {
    const added = await addResource(
      db,
      registrationOf({ resource, resource_name: 'é', scopes: { '!': 'x' } }),
    );
    assert.ok('resource' in added, resource);
  }
});

test('every wrong field of a resource is reported at once', () => {
  const parsed = parseResource({
    resource: 'https://api.example.com#part',
    scopes: { 'two words': 'x', openid: 'x', empty: '' },
    access_token_lifetime: -1,
    scope: 'read',
  });
  assert.ok('problems' in parsed);
  assert.deepEqual(parsed.problems.map((line) => line.slice(0, line.indexOf(': '))).sort(), [
    'access_token_lifetime',
    'resource',
    'resource_name',
    'scope',
    'scopes.empty',
    'scopes.openid',
    'scopes.two words',
  ]);
});
