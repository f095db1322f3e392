import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { runCommand } from '../cli/terminal.ts';
import { showMe } from '../support/api.ts';
import { importLegacy, makeApiToken, presentations, takeValue } from '../support/api-token.ts';
import { basic, introspect, poll, post, refresh, requestDevice } from '../support/client.ts';
import { callApi, type Employee, foundCompany, hire } from '../support/company.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { accessTokenType, exchangeGrant, innerResource, registerGateway } from '../support/exchange.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

let server: TestServer;
let gateway: TestClient;
let inner: TestClient;
before(async () => {
  server = await startServer({
    settings: {
      POSTERN_API_RATE_LIMIT: '10000',
      POSTERN_TRUSTED_PROXIES: '127.0.0.1 ::1',
      POSTERN_TOKEN_HEADER: 'X-Example-Token',
    },
  });
  ({ gateway, inner } = await registerGateway(server.db, demoResource.uri));
});
after(() => server.stop());

/** A company with a member, and an operator who can disable it. */
async function arrange() {
  const company = await foundCompany(server);
  const member = await company.join('member');
  const switchTo = async (verb: 'disable' | 'enable') => {
    const env = { DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret };
    const { exitCode, stderr } = await runCommand(['organization', verb, company.id], { env });
    assert.equal(exitCode, 0, stderr);
  };
  const colleague = { id: member.id, email: member.account.email, organizationId: company.id };
  return { ...company, member, colleague, switchTo };
}

/** A program of a company, with the scopes of its registration. */
async function addProgram(organizationId: string, allowed?: Record<string, string[]>): Promise<TestClient> {
  const client = await registerClient(server.db, allowed && { allowed });
  await server.db.query(
    sql`update clients set organization_id = ${organizationId}::uuid where id = ${client.id}`,
  );
  return client;
}

const requestToken = ({ basic }: TestClient, form: Record<string, string> = {}) =>
  post(`${server.issuer}/oauth/token`, { grant_type: 'client_credentials', ...form }, { basic });

const exchange = (subject_token: string) =>
  post(
    `${server.issuer}/oauth/token`,
    { grant_type: exchangeGrant, subject_token, subject_token_type: accessTokenType },
    { basic: gateway.basic },
  );

const isActive = async (token: string) => (await introspect(server.issuer, token)).body.active;
const isInnerActive = async (token: string) =>
  (await post(`${server.issuer}/oauth/introspect`, { token }, { basic: inner.basic })).body.active;

/** What each of these is now; `true` and 200 for what works. */
const askAll = <Answer>(questions: (() => Promise<Answer>)[]) => Promise.all(questions.map((ask) => ask()));

for (const format of ['opaque', 'jwt'] as const) {
  describe(`while an organization is disabled (${format})`, () => {
    before(() =>
      server.db.query(
        sql`update resources set access_token_format = ${format} where uri = ${demoResource.uri}`,
      ),
    );

    it('what its people let in for it is dead, and as before when it is enabled again', async () => {
      const { member, switchTo } = await arrange();
      const tokens = await letDeviceIn(server.issuer, {}, member.account);
      const { access_token: exchanged } = (await exchange(tokens.access_token)).body;
      const ask = () => askAll([() => isActive(tokens.access_token), () => isInnerActive(exchanged)]);
      assert.deepEqual(await ask(), [true, true]);
      await switchTo('disable');
      assert.deepEqual(await ask(), [false, false]);
      assert.equal((await refresh(server.issuer, tokens.refresh_token)).body.error, 'invalid_grant');
      assert.equal((await exchange(tokens.access_token)).body.error, 'invalid_request');
      await switchTo('enable');
      assert.deepEqual(await ask(), [true, true]);
      assert.equal((await refresh(server.issuer, tokens.refresh_token)).status, 200);
    });

    it('its programs get no token, and those that they have are dead', async () => {
      const { id, switchTo } = await arrange();
      const program = await addProgram(id);
      const { access_token: token } = (await requestToken(program)).body;
      const { access_token: exchanged } = (await exchange(token)).body;
      const ask = () => askAll([() => isActive(token), () => isInnerActive(exchanged)]);
      assert.deepEqual(await ask(), [true, true]);
      await switchTo('disable');
      assert.deepEqual(await ask(), [false, false]);
      const refused = await requestToken(program);
      assert.deepEqual([refused.status, refused.body.error], [401, 'invalid_client']);
      await switchTo('enable');
      assert.deepEqual(await ask(), [true, true]);
      assert.equal((await requestToken(program)).status, 200);
    });
  });
}

describe('an API token of a disabled organization', () => {
  it('is refused in every presentation, and taken again afterwards', async () => {
    const { colleague, switchTo } = await arrange();
    const { text } = await makeApiToken(server.db, colleague);
    const [legacyId, secret] = [crypto.randomUUID(), 'an old secret'];
    const legacy = { id: legacyId, secretDigest: sha256(secret), ownerEmail: colleague.email, name: 'Old' };
    assert.equal(await importLegacy(server.db, colleague.organizationId, legacy), 'imported');
    const ways = [
      presentations.bearer(text),
      presentations.token(text),
      presentations.named(text, colleague.email),
      { 'x-example-token': text },
      { authorization: basic(`${legacyId}:${secret}`) },
    ];
    const statuses = () => Promise.all(ways.map(async (way) => (await showMe(server.issuer, way)).status));
    assert.deepEqual(await statuses(), [200, 200, 200, 200, 200]);
    await switchTo('disable');
    assert.deepEqual(await statuses(), [401, 401, 401, 401, 401]);
    await switchTo('enable');
    assert.deepEqual(await statuses(), [200, 200, 200, 200, 200]);
  });

  it('introspects as inactive and is not exchanged, nor is what was got for it any good', async () => {
    const { colleague, administrator, id, switchTo } = await arrange();
    const shared = await makeApiToken(server.db, colleague, {
      kind: 'shared',
      permissions: { [demoResource.uri]: ['read'], [innerResource]: ['read'] },
    });
    const holder = { id: administrator.id, email: administrator.account.email, organizationId: id };
    const text = await takeValue(server.db, shared, holder);
    const { access_token: exchanged } = (await exchange(text)).body;
    const ask = () => askAll([() => isActive(text), () => isInnerActive(exchanged)]);
    assert.deepEqual(await ask(), [true, true]);
    await switchTo('disable');
    assert.deepEqual(await ask(), [false, false]);
    assert.equal((await exchange(text)).body.error, 'invalid_request');
    await switchTo('enable');
    assert.deepEqual(await ask(), [true, true]);
  });
});

describe('the approval of a device', () => {
  /** What the page offers to somebody who has entered a code, and what the device gets then. */
  const ask = async ({ person, account }: Employee) => {
    const { body: device } = await requestDevice(server.issuer);
    const page = await person.enterCode(device.user_code, account);
    return { page, redeem: () => poll(server.issuer, device.device_code) };
  };

  it('cannot be given by who belongs to disabled organizations alone', async () => {
    const { member, switchTo } = await arrange();
    await switchTo('disable');
    const { page, redeem } = await ask(member);
    assert.match(page.html, /disabled in your organization, or it is itself/);
    await member.person.decide('allow');
    assert.notEqual((await redeem()).status, 200);
    const grants = await server.db.query(sql`select from grants where account_id = ${member.id}`);
    assert.equal(grants.length, 0);
  });

  it('that was given before brings no tokens', async () => {
    const { member, switchTo } = await arrange();
    const { redeem } = await ask(member);
    await member.person.decide('allow');
    await switchTo('disable');
    assert.equal((await redeem()).body.error, 'invalid_grant');
  });

  it('whose page was open brings none either', async () => {
    const { member, switchTo } = await arrange();
    const { redeem } = await ask(member);
    await switchTo('disable');
    await member.person.decide('allow');
    assert.notEqual((await redeem()).status, 200);
  });

  it('goes on in another organization of the person', async () => {
    const { member, switchTo } = await arrange();
    const other = await foundCompany(server);
    await other.join('member', member);
    await switchTo('disable');
    const { access_token } = await letDeviceIn(server.issuer, {}, member.account);
    assert.equal(await isActive(access_token), true);
    const [grant] = await server.db.query<{ organization_id: string }>(
      sql`select organization_id from grants where account_id = ${member.id}`,
    );
    assert.equal(grant?.organization_id, other.id);
  });
});

describe('the management API, for a disabled organization', () => {
  it('takes no access token of its people or programs', async () => {
    const { id, member, switchTo } = await arrange();
    const resource = `${server.issuer}/api`;
    await server.db.query(
      sql`insert into client_scopes (client_id, resource, scope) values ('demo-cli', ${resource}, 'members:read')
          on conflict do nothing`,
    );
    const asked = { resource, scope: 'members:read' };
    const persons = (await letDeviceIn(server.issuer, asked, member.account)).access_token;
    const program = await addProgram(id, { [resource]: ['members:read'], [demoResource.uri]: ['read'] });
    const programs = (await requestToken(program, asked)).body.access_token;
    const statuses = () =>
      Promise.all(
        [persons, programs].map(
          async (token) =>
            (await callApi(server.issuer, ['GET', '/members'], { authorization: `Bearer ${token}` })).status,
        ),
      );
    assert.deepEqual(await statuses(), [200, 200]);
    await switchTo('disable');
    assert.deepEqual(await statuses(), [401, 401]);
    await switchTo('enable');
    assert.deepEqual(await statuses(), [200, 200]);
  });

  it('lets its administrator’s browser do nothing there, nor choose it', async () => {
    const { id, administrator, switchTo } = await arrange();
    const choose = async () => (await administrator.call('PUT', '/users/me/organization', { id })).status;
    assert.equal(await choose(), 200);
    await switchTo('disable');
    for (const [method, path] of [
      ['GET', '/members'],
      ['GET', '/audit-events'],
      ['GET', '/tokens'],
      ['POST', '/clients'],
    ] as const) {
      const { status } = await administrator.call(
        method,
        path,
        method === 'POST' ? { client_name: 'x' } : undefined,
      );
      assert.equal(status, 403, path);
    }
    const { body } = await administrator.call('GET', '/users/me');
    assert.deepEqual([body.organization, body.organizations, body.permissions], [undefined, [], {}]);
    assert.equal(await choose(), 404);
    await switchTo('enable');
    assert.equal((await administrator.call('GET', '/members')).status, 200);
  });

  it('has a browser that acts there act in the other organization of its person, and there again afterwards', async () => {
    const { id, member, switchTo } = await arrange();
    const other = await foundCompany(server);
    await other.join('member', member);
    await member.call('PUT', '/users/me/organization', { id });
    const acting = async () => (await member.call('GET', '/users/me')).body.organization?.id;
    assert.equal(await acting(), id);
    await switchTo('disable');
    assert.equal(await acting(), other.id);
    await switchTo('enable');
    assert.equal(await acting(), id);
  });

  it('lets nobody in by an invitation of before', async () => {
    const { id, administrator, switchTo } = await arrange();
    const guest = await hire(server);
    const invitation = { email: guest.account.email, role: 'member' };
    const { body } = await administrator.call('POST', '/invitations', invitation);
    const open = async () => {
      await guest.person.open('/join');
      return await guest.person.submit('/join', { invitation: body.link.split('#')[1] });
    };
    const memberships = () =>
      server.db.query(sql`select organization_id from members where user_id = ${guest.id}`);
    await open();
    await switchTo('disable');
    await guest.person.submit('/join/confirm', {});
    assert.doesNotMatch((await open()).url, /confirm/);
    assert.deepEqual(await memberships(), []);
    await switchTo('enable');
    await open();
    await guest.person.submit('/join/confirm', {});
    assert.deepEqual(await memberships(), [{ organization_id: id }]);
  });
});
