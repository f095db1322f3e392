import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ApiCaller, createBrowserCaller, createTokenCaller, makeToken } from '../support/api.ts';
import { introspect } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let dashboard: ApiCaller;
before(async () => {
  server = await startServer();
  dashboard = await createBrowserCaller(server.issuer);
});
after(() => server.stop());

describe('the API keys of a person', () => {
  it('work as Bearer at GET /api/v1/users/me', async () => {
    const { value } = await makeToken(dashboard);
    const { status, body } = await createTokenCaller(server.issuer, value)('GET', '/users/me');
    assert.deepEqual([status, body.presented], [200, 'api_token']);
  });

  it('are listed, and no list shows a value', async () => {
    const { id, value } = await makeToken(dashboard, { name: 'Listed' });
    const { body } = await dashboard('GET', '/tokens');
    assert.ok(
      body.items.some((item: { id: string; name: string }) => item.id === id && item.name === 'Listed'),
    );
    assert.equal(JSON.stringify(body).includes(value), false);
  });

  it('are dead at once when they are revoked, everywhere', async () => {
    const { id, value } = await makeToken(dashboard);
    const call = createTokenCaller(server.issuer, value);
    assert.equal((await introspect(server.issuer, value)).body.active, true);
    assert.equal((await dashboard('DELETE', `/tokens/${id}`)).status, 204);
    assert.equal((await call('GET', '/users/me')).status, 401);
    assert.deepEqual((await introspect(server.issuer, value)).body, { active: false });
  });
});
