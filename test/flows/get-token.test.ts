import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { demoApi, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type ApiCaller, createBrowserCaller, createTokenCaller, makeToken } from '../support/api.ts';
import { introspect, post } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const jwtResource = 'https://jobs.example.com';

let server: TestServer;
let browser: ApiCaller;
before(async () => {
  server = await startServer({});
  browser = await createBrowserCaller(server.issuer);
});
after(() => server.stop());

const get = (resource: string) => browser('POST', '/access-tokens', { body: { resource } });

describe('an access token that a person gets in the browser', () => {
  it('is one file of five members, good for all that they may do at one API', async () => {
    const { status, body } = await get(demoResource.uri);
    assert.equal(status, 201, JSON.stringify(body));
    assert.deepEqual(Object.keys(body), ['issuer', 'token_type', 'access_token', 'expires_at', 'scope']);
    const answer = await introspect(server.issuer, body.access_token);
    assert.equal(answer.body.active, true);
    assert.equal(answer.body.scope, body.scope);
    assert.deepEqual(body.scope.split(' ').sort(), ['read', 'write']);
    assert.equal(answer.body.aud, demoResource.uri);
    assert.equal(answer.body.username, 'demo@example.com');
    const lasting = Date.parse(body.expires_at) / 1000 - answer.body.exp;
    assert.ok(Math.abs(lasting) <= 30, `${lasting}`);
  });

  it('is a JWT where the API takes JWTs, and tells how its person authenticated', async () => {
    const { body } = await get(jwtResource);
    const claims = decodeJwt(body.access_token);
    assert.deepEqual([claims.iss, claims.aud, claims.scope], [server.issuer, jwtResource, body.scope]);
    assert.deepEqual([claims.amr, claims.client_id], [['pwd'], 'postern-browser']);
  });

  it('lets in at the management API', async () => {
    const { body } = await get(`${server.issuer}/api`);
    const me = await createTokenCaller(server.issuer, body.access_token)('GET', '/users/me');
    assert.equal(me.body.presented, 'access_token');
  });

  it('is among the devices and apps, and dead at once when it is signed out there, opaque or JWT', async () => {
    await server.db.query(sql`delete from grants`);
    for (const resource of [demoResource.uri, `${server.issuer}/api`]) {
      const { body } = await get(resource);
      const { items } = (await browser('GET', '/grants')).body;
      const [grant] = items;
      assert.equal(grant.client_id, 'postern-browser');
      assert.equal((await browser('DELETE', `/grants/${grant.id}`)).status, 204);
      const answer = await introspect(server.issuer, body.access_token);
      assert.equal(answer.body.active, false);
    }
    const { body } = await get(jwtResource);
    const [grant] = (await browser('GET', '/grants')).body.items;
    await browser('DELETE', `/grants/${grant.id}`);
    const answer = await post(
      `${server.issuer}/oauth/introspect`,
      { token: body.access_token, client_id: 'postern-browser' },
      {},
    );
    assert.equal(answer.body.active, false);
  });

  it('is as narrow as its person, at each check', async () => {
    const { body } = await get(demoResource.uri);
    await server.db.query(sql`
      insert into member_scopes (organization_id, user_id, resource, scope, is_given)
      select organization_id, user_id, ${demoResource.uri}, 'write', false
      from members join users on users.id = user_id where email = 'demo@example.com'`);
    assert.equal((await introspect(server.issuer, body.access_token)).body.scope, 'read');
    assert.equal((await get(demoResource.uri)).body.scope, 'read');
    await server.db.query(sql`delete from member_scopes`);
  });

  it('is not for who has no browser, for no API that there is, and for nobody to ask for otherwise', async () => {
    const made = await makeToken(browser, { permissions: { [`${server.issuer}/api`]: ['grants:write'] } });
    const byToken = createTokenCaller(server.issuer, made.value);
    const refused = await byToken('POST', '/access-tokens', { body: { resource: demoResource.uri } });
    assert.equal(refused.status, 403);
    const unknown = await get('https://nowhere.example');
    assert.deepEqual([unknown.status, unknown.body.errors[0].pointer], [422, '#/resource']);
    for (const grant_type of ['client_credentials', 'urn:ietf:params:oauth:grant-type:device_code']) {
      const form = { grant_type, client_id: 'postern-browser', device_code: 'x' };
      const answer = await post(`${server.issuer}/oauth/token`, form, {});
      assert.ok(['unauthorized_client', 'invalid_client'].includes(answer.body.error), answer.body.error);
    }
    const device = await post(
      `${server.issuer}/oauth/device_authorization`,
      { client_id: 'postern-browser' },
      {},
    );
    assert.equal(device.body.error, 'unauthorized_client');
    assert.notEqual(demoApi.id, 'postern-browser');
  });
});
