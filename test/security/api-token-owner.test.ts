import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiScopes } from '../../src/api/scope.ts';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenCaller } from '../support/api.ts';
import { addColleague, type Colleague, makeApiToken, showMe } from '../support/api-token.ts';
import type { Answer } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let victim: Colleague;
let attacker: Colleague;
let text: string;
before(async () => {
  server = await startServer();
  victim = await addColleague(server.db);
  attacker = await addColleague(server.db, { organizationId: victim.organizationId });
  const permissions = {
    [`${server.issuer}/api`]: Object.keys(apiScopes),
    [demoResource.uri]: ['read'],
  };
  ({ text } = await makeApiToken(server.db, attacker, { permissions }));
});
after(() => server.stop());

async function create(
  body: Record<string, unknown>,
  query = '',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${server.issuer}/api/v1/tokens${query}`, {
    method: 'POST',
    body: JSON.stringify({ name: 'Mine', permissions: { [demoResource.uri]: ['read'] }, ...body }),
    headers: { authorization: `Bearer ${text}`, 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const countOf = async ({ id }: Colleague) =>
  (await server.db.query(sql`select from api_tokens where owner_id = ${id}`)).length;

describe('a new API token', () => {
  it('is its maker’s, whoever the request names', async () => {
    const before = await countOf(victim);
    for (const name of [
      'userId',
      'user_id',
      'owner_id',
      'ownerId',
      'owner',
      'sub',
      'organization_id',
      'holder_id',
    ]) {
      const { status, body } = await create({ [name]: victim.id });
      assert.equal(status, 422, name);
      assert.equal(body.errors.length, 1);
      assert.ok(!JSON.stringify(body).includes(victim.email));
    }
    assert.equal((await create({}, `?user_id=${victim.id}`)).status, 422);
    assert.equal((await create({}, '', { 'x-user-id': victim.id })).body.owner.id, attacker.id);
    const { status, body } = await create({});
    assert.equal(status, 201);
    assert.equal(body.owner.id, attacker.id);
    const me = await showMe(server.issuer, { authorization: `Bearer ${body.value}` });
    assert.deepEqual([me.body.id, me.body.organization.id], [attacker.id, attacker.organizationId]);
    assert.equal(await countOf(victim), before);
  });

  it('has a name that can be read, without control characters', async () => {
    for (const name of ['bell\u0007', '\u001b[2J', ' ', '', `${'a'.repeat(50_000)}\u0007\u0007`]) {
      const { status, body } = await create({ name });
      assert.equal(status, 422);
      assert.equal(body.errors[0].pointer, '#/name');
    }
    assert.equal((await create({ name: ' Straße № 7' })).status, 201);
  });

  it('has no more than the token that made it', async () => {
    const more = await create({ permissions: { [demoResource.uri]: ['read', 'write'] } });
    assert.equal(more.status, 422);
    const managing = await create({ permissions: { [`${server.issuer}/api`]: ['tokens:manage'] } });
    assert.equal(managing.status, 422);
  });
});

describe('a token with fewer permissions than its person', () => {
  const all = () => ({ [demoResource.uri]: ['read', 'write'] });
  const few = () => ({ [`${server.issuer}/api`]: ['tokens:read', 'tokens:write'] });

  it('widens neither itself nor another token', async () => {
    const narrow = await makeApiToken(server.db, attacker, { permissions: few() });
    const other = await makeApiToken(server.db, attacker, { permissions: { [demoResource.uri]: ['read'] } });
    const call = createTokenCaller(server.issuer, narrow.text);
    for (const { id } of [narrow, other]) {
      const widened = await call('PATCH', `/tokens/${id}`, { body: { permissions: all() } });
      assert.equal(widened.status, 422);
    }
    const kept = { [demoResource.uri]: ['read'], ...few() };
    assert.equal((await call('PATCH', `/tokens/${other.id}`, { body: { permissions: kept } })).status, 200);
    const narrowed = { [demoResource.uri]: ['read'] };
    assert.equal(
      (await call('PATCH', `/tokens/${other.id}`, { body: { permissions: narrowed } })).status,
      200,
    );
  });

  it('takes no value of one that may do more, shared or not', async () => {
    const narrow = await makeApiToken(server.db, attacker, { permissions: few() });
    const equal = await makeApiToken(server.db, attacker, { permissions: { ...all(), ...few() } });
    const wide = await makeApiToken(server.db, attacker, { permissions: all() });
    const shared = await makeApiToken(server.db, victim, { permissions: all(), kind: 'shared' });
    const take = async (by: { text: string }, path: string, body?: unknown) => {
      const answer = await createTokenCaller(server.issuer, by.text)('POST', path, { body });
      return [answer.status, typeof answer.body.value];
    };
    for (const [path, body, status] of [
      [`/tokens/${wide.id}/rotate`, {}, 200],
      [`/shared-tokens/${shared.id}/values`, undefined, 201],
    ] as const) {
      assert.deepEqual(await take(narrow, path, body), [403, 'undefined']);
      assert.deepEqual(await take(equal, path, body), [status, 'string']);
    }
    assert.deepEqual(await take(narrow, `/tokens/${narrow.id}/rotate`, {}), [200, 'string']);
  });
});
