import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type ApiCaller,
  createBrowserCaller,
  createTokenCaller,
  makeToken,
  problemsOf,
} from '../support/api.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let call: ApiCaller;
before(async () => {
  server = await startServer();
  const all = {
    [`${server.issuer}/api`]: ['tokens:read', 'tokens:write', 'policies:read', 'policies:write'],
  };
  const { value } = await makeToken(await createBrowserCaller(server.issuer), { permissions: all });
  call = createTokenCaller(server.issuer, value);
});
after(() => server.stop());

describe('an API with a Bearer token on every request', () => {
  it('takes JSON only', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await call('POST', '/tokens', { body: 'name=x', headers });
    assert.equal(status, 415);
  });

  it('means by GET, POST, PUT, PATCH and DELETE what they usually mean', async () => {
    const {
      status,
      headers,
      body: made,
    } = await call('POST', '/tokens', { body: { name: 'A', permissions: {} } });
    assert.equal(status, 201);
    assert.ok(headers.get('location')?.includes(made.id));
    assert.equal((await call('GET', `/tokens/${made.id}`)).body.name, 'A');
    assert.equal((await call('PATCH', `/tokens/${made.id}`, { body: { name: 'B' } })).body.name, 'B');
    assert.equal((await call('GET', `/tokens/${made.id}`)).body.name, 'B');
    assert.equal((await call('DELETE', `/tokens/${made.id}`)).status, 204);
    assert.equal((await call('GET', `/tokens/${made.id}`)).status, 404);
    const policy = {
      longest_lifetime_seconds: null,
      expiry_required: false,
      approval_required: false,
      permissions: null,
    };
    for (let time = 0; time < 2; time += 1) {
      const put = await call('PUT', '/policies/tokens', { body: policy });
      assert.deepEqual([put.status, put.body], [200, policy]);
    }
  });

  it('answers 422 with a JSON object that names every field that is wrong', async () => {
    const answer = await call('POST', '/tokens', { body: { name: '', permissions: [], colour: 'red' } });
    assert.equal(answer.status, 422);
    assert.deepEqual(
      problemsOf(answer).map((problem) => problem.split(':')[0]),
      ['#/name', '#/permissions', '#/colour'],
    );
  });
});
