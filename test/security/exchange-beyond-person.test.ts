import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { changeMember } from '../../src/organizations/member.ts';
import { addResource } from '../../src/resources/resource.ts';
import type { Scopes } from '../../src/scopes.ts';
import { createTokenCaller } from '../support/api.ts';
import { makeApiToken } from '../support/api-token.ts';
import { type Answer, post } from '../support/client.ts';
import { foundCompany, hire } from '../support/company.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { accessTokenType, exchangeGrant } from '../support/exchange.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const front = 'https://front.example.com';
const inner = 'https://inner.example.com';
const deep = 'https://deep.example.com';
const scopes = ['read', 'write'];

let server: TestServer;
let device: TestClient;
/** Exchanges from `front` to `inner` to `deep`, and serves both. */
let gateway: TestClient;
before(async () => {
  server = await startServer();
  for (const uri of [front, inner, deep]) {
    const described = Object.fromEntries(scopes.map((scope) => [scope, scope]));
    const accessTokenFormat = uri === inner ? 'jwt' : 'opaque';
    await addResource(server.db, { uri, name: uri, scopes: described, accessTokenFormat });
  }
  device = await registerClient(server.db, {
    allowed: { [front]: scopes },
    defaultResource: front,
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  });
  gateway = await registerClient(server.db, {
    allowed: { [inner]: scopes, [deep]: scopes },
    defaultResource: inner,
    audiences: [inner, deep],
    grantTypes: [exchangeGrant],
    exchanges: { [front]: [inner], [inner]: [deep] },
  });
});
after(() => server.stop());

const exchange = (subject: string, form: Record<string, string> = {}): Promise<Answer> =>
  post(
    `${server.issuer}/oauth/token`,
    { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType, ...form },
    { basic: gateway.basic },
  );

const isActive = async (token: string): Promise<boolean> =>
  (await post(`${server.issuer}/oauth/introspect`, { token }, { basic: gateway.basic })).body.active;

/** A member of a company with a device that may do everything at `front`, whom an administrator can narrow. */
async function letMemberIn() {
  const company = await foundCompany(server);
  const member = await company.join('member');
  const { access_token } = await letDeviceIn(
    server.issuer,
    { client_id: device.id, scope: 'read write' },
    member.account,
  );
  const who = { organizationId: company.id, userId: member.id };
  const take = (taken: Scopes) => changeMember(server.db, who, { taken });
  return { member, who, access_token, take };
}

describe('what is got in exchange for the access token of a person', () => {
  it('may do at the other API what the person may do there, whatever they may do at the first', async () => {
    const { access_token, take } = await letMemberIn();
    await take({ [inner]: ['write'] });
    assert.equal((await exchange(access_token)).body.scope, 'read');
    assert.equal((await exchange(access_token, { scope: 'write' })).body.error, 'invalid_scope');
    await take({ [inner]: scopes });
    assert.equal((await exchange(access_token)).body.error, 'invalid_scope');
  });

  it('is bounded so at each further step', async () => {
    const { access_token, take } = await letMemberIn();
    await take({ [deep]: ['write'] });
    const jwt = (await exchange(access_token)).body;
    assert.equal(jwt.scope, 'read write');
    const further = (await exchange(jwt.access_token, { resource: deep })).body;
    assert.equal(further.scope, 'read');
  });

  it('is dead as soon as the person may no longer do all of it, and alive when they may again', async () => {
    const { access_token, take } = await letMemberIn();
    const whole = (await exchange(access_token)).body.access_token;
    const part = (await exchange(access_token, { scope: 'read' })).body.access_token;
    const further = (await exchange(part, { resource: deep })).body.access_token;
    const states = async () => await Promise.all([whole, part, further].map(isActive));
    assert.deepEqual(await states(), [true, true, true]);
    await take({ [inner]: ['write'] });
    assert.deepEqual(await states(), [false, true, true]);
    await take({ [deep]: ['read'] });
    assert.deepEqual(await states(), [true, true, false]);
    await take({ [inner]: scopes });
    assert.deepEqual(await states(), [false, false, false]);
    await take({});
    assert.deepEqual(await states(), [true, true, true]);
  });

  it('is not bounded for a person of no organization, who speaks for themselves', async () => {
    const { account } = await hire(server);
    const form = { client_id: device.id, scope: 'read write' };
    const { access_token } = await letDeviceIn(server.issuer, form, account);
    const { body } = await exchange(access_token);
    assert.equal(body.scope, 'read write');
    assert.equal(await isActive(body.access_token), true);
  });
});

describe('what is got in exchange for the management API', () => {
  it('acts in no organization, and names none of those that its person belongs to', async () => {
    const [side, api] = ['https://side.example.com', `${server.issuer}/api`];
    await addResource(server.db, { uri: side, name: side, scopes: { 'tokens:read': 'See tokens' } });
    const program = await registerClient(server.db, {
      allowed: { [side]: ['tokens:read'] },
      defaultResource: side,
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
    });
    const bridge = await registerClient(server.db, {
      allowed: { [api]: ['tokens:read'] },
      defaultResource: api,
      audiences: [side],
      grantTypes: [exchangeGrant],
      exchanges: { [side]: [api] },
    });
    const member = await (await foundCompany(server)).join('member');
    const asked = { client_id: program.id, scope: 'tokens:read' };
    const { access_token } = await letDeviceIn(server.issuer, asked, member.account);
    const form = { subject_token: access_token, subject_token_type: accessTokenType, resource: api };
    const { body: got } = await post(
      `${server.issuer}/oauth/token`,
      { grant_type: exchangeGrant, ...form },
      { basic: bridge.basic },
    );
    const { status, body } = await createTokenCaller(server.issuer, got.access_token)('GET', '/users/me');
    assert.deepEqual([status, body.id], [200, member.id], JSON.stringify([got, body]));
    assert.deepEqual([body.organization, body.organizations, body.permissions], [undefined, [], {}]);
    const { body: inBrowser } = await member.call('GET', '/users/me');
    assert.equal(inBrowser.organizations.length, 1);
  });
});

describe('what is got for an API token by way of another API', () => {
  it('may do what the API token may do there, and no more', async () => {
    const { member, who } = await letMemberIn();
    const owner = { id: member.id, email: member.account.email, organizationId: who.organizationId };
    const makeToken = (permissions: Scopes) =>
      makeApiToken(server.db, owner, { permissions: { [front]: ['read'], [inner]: scopes, ...permissions } });
    const without = (await exchange((await makeToken({})).text)).body;
    assert.equal(without.scope, 'read write');
    assert.equal((await exchange(without.access_token, { resource: deep })).body.error, 'invalid_scope');
    const jwt = (await exchange((await makeToken({ [deep]: ['read'] })).text)).body.access_token;
    const further = (await exchange(jwt, { resource: deep })).body;
    assert.equal(further.scope, 'read');
    await changeMember(server.db, who, { taken: { [deep]: ['read'] } });
    assert.deepEqual([await isActive(jwt), await isActive(further.access_token)], [true, false]);
  });
});
