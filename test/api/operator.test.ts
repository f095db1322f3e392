import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let operator: Employee;
let administrator: Employee;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  const company = await foundCompany(server);
  administrator = company.administrator;
  operator = await company.join('member');
  await server.db.query(sql`
    insert into member_scopes (organization_id, user_id, resource, scope, is_given)
    select ${company.id}::uuid, ${operator.id}::uuid, resource, scope, true from resource_scopes where role = 'operator'`);
});
after(() => server.stop());

async function publishedKids(): Promise<string[]> {
  const { keys } = (await (await fetch(`${server.issuer}/.well-known/jwks.json`)).json()) as {
    keys: { kid: string }[];
  };
  return keys.map(({ kid }) => kid);
}

describe('the signing keys', () => {
  it('are listed with their life, and without what signs', async () => {
    const { status, body } = await administrator.call('GET', '/keys');
    assert.equal(status, 200);
    const active = body.items.find(({ state }: { state: string }) => state === 'active');
    assert.ok((await publishedKids()).includes(active.kid));
    assert.equal(active.public_key.kid, active.kid);
    assert.equal(active.public_key.d, undefined);
    assert.ok(active.signs_from && active.replaced_at && active.needed_until);
  });

  it('are rotated and revoked by whom the operator lets, and by no administrator', async () => {
    const { body } = await operator.call('GET', '/keys');
    const [{ kid: first }] = body.items;
    assert.equal((await administrator.call('POST', '/keys/rotate', {})).status, 403);
    assert.equal((await administrator.call('DELETE', `/keys/${first}`)).status, 403);
    const rotated = await operator.call('POST', '/keys/rotate', { alg: 'ES256', immediate: true });
    assert.equal(rotated.status, 200, JSON.stringify(rotated.body));
    const states = rotated.body.items.map(({ state }: { state: string }) => state);
    assert.deepEqual(states.sort(), ['active', 'retiring']);
    assert.equal((await operator.call('DELETE', `/keys/${first}`)).status, 204);
    assert.equal((await operator.call('DELETE', `/keys/${first}`)).status, 404);
    await until(async () => !(await publishedKids()).includes(first));
    assert.equal((await operator.call('DELETE', '/keys/nothing')).status, 404);
  });

  it('are not rotated for an algorithm that nothing is signed with', async () => {
    assert.equal((await operator.call('POST', '/keys/rotate', { alg: 'RS256' })).status, 409);
  });
});

describe('the resources', () => {
  const billing = {
    resource: 'https://billing.example.com/v1',
    resource_name: 'Billing',
    scopes: { read: 'See your bills', pay: 'Pay them' },
  };
  const path = `/resources/${encodeURIComponent(billing.resource)}`;

  it('are registered by whom the operator lets, and shown to members', async () => {
    assert.equal((await administrator.call('POST', '/resources', billing)).status, 403);
    const added = await operator.call('POST', '/resources', billing);
    assert.equal(added.status, 201, JSON.stringify(added.body));
    assert.equal((await operator.call('POST', '/resources', billing)).status, 409);
    const { body } = await administrator.call('GET', path);
    assert.deepEqual(body, {
      ...billing,
      scope_roles: { read: 'member', pay: 'member' },
      access_token_format: 'opaque',
      access_token_signing_alg: 'ES256',
      listed: false,
    });
    assert.equal((await administrator.call('GET', '/resources/https%3A%2F%2Fnowhere.example')).status, 404);
    assert.equal((await administrator.call('GET', '/resources/%00')).status, 404);
    const { body: list } = await administrator.call('GET', '/resources');
    assert.ok(list.items.some(({ resource }: { resource: string }) => resource === billing.resource));
  });

  it('are changed field by field, by who saw what stands there', async () => {
    assert.equal((await administrator.call('PATCH', path, { resource_name: 'x' })).status, 403);
    const seen = { 'if-match': (await operator.call('GET', path)).headers.get('etag') ?? '' };
    const changed = await operator.call(
      'PATCH',
      path,
      { resource_name: 'Bills', access_token_lifetime: 60 },
      seen,
    );
    assert.deepEqual([changed.body.resource_name, changed.body.access_token_lifetime], ['Bills', 60]);
    assert.deepEqual(changed.body.scopes, billing.scopes);
    assert.equal((await operator.call('PATCH', path, { listed: true }, seen)).status, 412);
    const { body } = await operator.call('PATCH', path, { access_token_lifetime: null });
    assert.equal(body.access_token_lifetime, undefined);
  });

  it('take a scope that is gone from everybody, and keep it for whom it is not', async () => {
    const scopes = { read: 'See your data, and more of it' };
    const given = (await administrator.call('GET', '/users/me')).body.permissions[demoResource.uri];
    assert.deepEqual(given, ['read', 'write']);
    const demo = `/resources/${encodeURIComponent(demoResource.uri)}`;
    assert.equal((await operator.call('PATCH', demo, { scopes })).status, 200);
    const left = (await administrator.call('GET', '/users/me')).body.permissions[demoResource.uri];
    assert.deepEqual(left, ['read']);
  });

  it('are told what is wrong, field by field', async () => {
    const answer = await operator.call('POST', '/resources', {
      resource: 'nonsense',
      resource_name: ' ',
      scopes: { openid: 'x' },
    });
    assert.deepEqual(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), [
      '#/resource',
      '#/resource_name',
      '#/scopes/openid',
    ]);
  });

  it('of the server itself stay as its version brings them', async () => {
    const own = `/resources/${encodeURIComponent(`${server.issuer}/api`)}`;
    assert.equal((await operator.call('PATCH', own, { scopes: {} })).status, 409);
  });
});

describe('the organization', () => {
  it('is shown to its members, and renamed by its administrators', async () => {
    const company = await foundCompany(server, 'Old Name');
    const member = await company.join('member');
    assert.equal((await member.call('GET', '/organization')).body.name, 'Old Name');
    assert.equal((await member.call('PATCH', '/organization', { name: 'Mine' })).status, 403);
    const { headers } = await company.administrator.call('GET', '/organization');
    const seen = { 'if-match': headers.get('etag') ?? '' };
    const renamed = await company.administrator.call('PATCH', '/organization', { name: 'New Name' }, seen);
    assert.deepEqual([renamed.status, renamed.body.id, renamed.body.name], [200, company.id, 'New Name']);
    assert.equal(
      (await company.administrator.call('PATCH', '/organization', { name: 'X' }, seen)).status,
      412,
    );
    assert.equal((await company.administrator.call('PATCH', '/organization', { name: ' ' })).status, 422);
    assert.equal((await administrator.call('GET', '/organization')).body.name, 'Company');
  });
});
