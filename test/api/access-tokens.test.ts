import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoCli, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenCaller, requestOwnToken, verdictOf } from '../support/api.ts';
import type { Answer } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let resource: string;
let cli: TestClient;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  resource = `${server.issuer}/api`;
  cli = await registerClient(server.db, {
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    allowed: { [resource]: ['tokens:read', 'tokens:write', 'members:read', 'members:write'] },
    defaultResource: resource,
  });
});
after(() => server.stop());

const judge = async (answer: Promise<Answer>) => verdictOf(await answer);

describe('an access token from the device flow', () => {
  it('speaks for its person, in scope and no further', async () => {
    const { access_token } = await letDeviceIn(server.issuer, {
      client_id: cli.id,
      resource,
      scope: 'tokens:read members:read',
    });
    const call = createTokenCaller(server.issuer, access_token);
    const me = (await call('GET', '/users/me')).body;
    assert.deepEqual([me.kind, me.email, me.presented], ['person', 'demo@example.com', 'access_token']);
    assert.deepEqual(me.permissions[resource], ['members:read', 'tokens:read']);
    assert.equal(await judge(call('GET', '/tokens')), '200');
    const refused = await call('POST', '/tokens', { body: { name: 'a', permissions: {} } });
    assert.equal(refused.status, 403);
    assert.equal(
      refused.headers.get('www-authenticate'),
      'Bearer error="insufficient_scope", scope="tokens:write"',
    );
  });

  it('is as narrow as its person has become', async () => {
    const form = { client_id: cli.id, resource, scope: 'tokens:read members:write' };
    const { access_token } = await letDeviceIn(server.issuer, form);
    const call = createTokenCaller(server.issuer, access_token);
    const path = `/invitations/${crypto.randomUUID()}`;
    assert.equal(await judge(call('DELETE', path)), '404');
    await server.db.query(sql`
      insert into member_scopes (organization_id, user_id, resource, scope, is_given)
      select organization_id, user_id, ${resource}, 'members:write', false from members`);
    assert.equal(await judge(call('DELETE', path)), '403 insufficient_scope');
    await server.db.query(sql`delete from member_scopes`);
  });

  it('for another audience is 401', async () => {
    const { access_token } = await letDeviceIn(server.issuer, { client_id: demoCli.id });
    assert.equal(
      await judge(createTokenCaller(server.issuer, access_token)('GET', '/users/me')),
      '401 invalid_token',
    );
  });

  it('is 401 once it has run out, or its person is disabled', async () => {
    const form = { client_id: cli.id, resource, scope: 'tokens:read' };
    const { access_token } = await letDeviceIn(server.issuer, form);
    const me = () => judge(createTokenCaller(server.issuer, access_token)('GET', '/users/me'));
    await server.db.query(sql`update users set disabled_at = now()`);
    assert.equal(await me(), '401 invalid_token');
    await server.db.query(sql`update users set disabled_at = null`);
    assert.equal(await me(), '200');
    await server.db.query(sql`update access_tokens set expires_at = now() - interval '1 second'`);
    assert.equal(await me(), '401 invalid_token');
  });
});

for (const format of ['opaque', 'jwt'] as const) {
  describe(`an access token from client credentials (${format})`, () => {
    before(() =>
      server.db.query(sql`update resources set access_token_format = ${format} where uri = ${resource}`),
    );
    after(() =>
      server.db.query(sql`update resources set access_token_format = 'opaque' where uri = ${resource}`),
    );

    it('speaks for the program in its organization, in scope and no further', async () => {
      const { access_token, client_id } = await requestOwnToken(server, ['members:read', 'tokens:read'], {
        scope: 'members:read',
      });
      assert.equal(access_token.split('.').length, format === 'jwt' ? 3 : 1);
      const call = createTokenCaller(server.issuer, access_token);
      const me = (await call('GET', '/users/me')).body;
      assert.deepEqual(
        [me.kind, me.id, me.permissions],
        ['program', client_id, { [resource]: ['members:read'] }],
      );
      const members = await call('GET', '/members');
      assert.deepEqual(
        members.body.items.map(({ email }: { email: string }) => email),
        ['demo@example.com'],
      );
      assert.equal(await judge(call('GET', '/tokens')), '403 insufficient_scope');
    });

    it('for another audience is 401', async () => {
      const { access_token } = await requestOwnToken(server, [], { resource: demoResource.uri });
      assert.equal(
        await judge(createTokenCaller(server.issuer, access_token)('GET', '/members')),
        '401 invalid_token',
      );
    });

    it('of a client that was disabled is 401', async () => {
      const { access_token, client_id } = await requestOwnToken(server, ['members:read']);
      const members = () => judge(createTokenCaller(server.issuer, access_token)('GET', '/members'));
      assert.equal(await members(), '200');
      await server.db.query(sql`update clients set disabled_at = now() where id = ${client_id}`);
      assert.equal(await members(), '401 invalid_token');
    });

    it('is 401 with one character changed', async () => {
      const { access_token } = await requestOwnToken(server, ['members:read']);
      const other =
        access_token.slice(0, -9) + (access_token.at(-9) === 'A' ? 'B' : 'A') + access_token.slice(-8);
      assert.equal(
        await judge(createTokenCaller(server.issuer, other)('GET', '/members')),
        '401 invalid_token',
      );
    });
  });
}
