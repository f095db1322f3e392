import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { introspect, poll, post, refresh, requestDevice } from '../support/client.ts';
import { callApi, foundCompany, hire } from '../support/company.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
});
after(() => server.stop());

/** A member with a device, and the administrator who can put an end to it. */
async function arrange() {
  const company = await foundCompany(server);
  const member = await company.join('member');
  const tokens = await letDeviceIn(server.issuer, {}, member.account);
  const path = `/members/${member.id}`;
  return {
    ...company,
    member,
    tokens,
    change: (body: object) => company.administrator.call('PATCH', path, body),
    remove: () => company.administrator.call('DELETE', path),
  };
}

/** Lets the demo CLI ask for tokens for the management API, and tells how. */
async function allowApi(): Promise<{ resource: string; scope: string }> {
  const resource = `${server.issuer}/api`;
  await server.db.query(
    sql`insert into client_scopes (client_id, resource, scope) values ('demo-cli', ${resource}, 'members:read')
        on conflict do nothing`,
  );
  return { resource, scope: 'members:read' };
}

const isActive = async (token: string) => (await introspect(server.issuer, token)).body.active;

for (const format of ['opaque', 'jwt'] as const) {
  describe(`what a person let in for an organization (${format})`, () => {
    before(() =>
      server.db.query(
        sql`update resources set access_token_format = ${format} where uri = ${demoResource.uri}`,
      ),
    );

    it('is dead at once when they are disabled there, and as before when enabled again', async () => {
      const { tokens, change } = await arrange();
      assert.equal(await isActive(tokens.access_token), true);
      await change({ disabled: true });
      assert.equal(await isActive(tokens.access_token), false);
      const refused = await refresh(server.issuer, tokens.refresh_token);
      assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_grant']);
      await change({ disabled: false });
      assert.equal(await isActive(tokens.access_token), true);
      assert.equal((await refresh(server.issuer, tokens.refresh_token)).status, 200);
    });

    it('is dead at once when they are removed, and stays so when they come back', async () => {
      const { tokens, member, join, remove } = await arrange();
      await remove();
      assert.equal(await isActive(tokens.access_token), false);
      await join('member', member);
      assert.equal(await isActive(tokens.access_token), false);
      assert.equal((await refresh(server.issuer, tokens.refresh_token)).body.error, 'invalid_grant');
      const anew = await letDeviceIn(server.issuer, {}, member.account);
      assert.equal(await isActive(anew.access_token), true);
    });

    it('in another organization lives on', async () => {
      const { tokens, member } = await arrange();
      const other = await foundCompany(server);
      await other.join('member', member);
      await other.administrator.call('PATCH', `/members/${member.id}`, { disabled: true });
      assert.equal(await isActive(tokens.access_token), true);
    });

    it('is dead with the organization', async () => {
      const { tokens, id } = await arrange();
      await server.db.query(sql`delete from organizations where id = ${id}::uuid`);
      assert.equal(await isActive(tokens.access_token), false);
      assert.equal((await refresh(server.issuer, tokens.refresh_token)).body.error, 'invalid_grant');
    });
  });
}

describe('an answer that a former member’s device has lost', () => {
  it('is not given again', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { body: device } = await requestDevice(server.issuer);
    await member.person.enterCode(device.user_code, member.account);
    await member.person.decide('allow');
    const { body: tokens } = await poll(server.issuer, device.device_code);
    assert.equal((await refresh(server.issuer, tokens.refresh_token)).status, 200);
    await administrator.call('DELETE', `/members/${member.id}`);
    await server.db.query(sql`update device_codes set response_lost_at = now()`);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'invalid_grant');
    assert.equal((await refresh(server.issuer, tokens.refresh_token)).body.error, 'invalid_grant');
  });
});

describe('a device that was let in and has not come for its tokens', () => {
  it('gets none from a former member', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { body: device } = await requestDevice(server.issuer);
    await member.person.enterCode(device.user_code, member.account);
    await member.person.decide('allow');
    await administrator.call('DELETE', `/members/${member.id}`);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'invalid_grant');
  });
});

describe('what a gateway has exchanged for a person’s token', () => {
  it('is dead while they are disabled, dead when they are removed, and no wider than they are', async () => {
    const { gateway, inner } = await registerGateway(server.db, demoResource.uri);
    const exchange = (subject_token: string) =>
      post(
        `${server.issuer}/oauth/token`,
        { grant_type: exchangeGrant, subject_token, subject_token_type: accessTokenType },
        { basic: gateway.basic },
      );
    const { tokens, change, remove } = await arrange();
    const { body: exchanged } = await exchange(tokens.access_token);
    assert.equal(exchanged.scope, 'read write');
    const isExchangedActive = async () => {
      const form = { token: exchanged.access_token };
      return (await post(`${server.issuer}/oauth/introspect`, form, { basic: inner.basic })).body.active;
    };
    assert.equal(await isExchangedActive(), true);
    await change({ disabled: true });
    assert.equal(await isExchangedActive(), false);
    await change({ disabled: false, taken: { [demoResource.uri]: ['write'] } });
    assert.equal(await isExchangedActive(), true);
    assert.equal((await exchange(tokens.access_token)).body.scope, 'read');
    await remove();
    assert.equal(await isExchangedActive(), false);
    assert.equal((await exchange(tokens.access_token)).body.error, 'invalid_request');
  });
});

describe('the management API', () => {
  it('takes what was approved outside of organizations for none', async () => {
    const nobody = await hire(server);
    const { access_token } = await letDeviceIn(server.issuer, await allowApi(), nobody.account);
    const company = await foundCompany(server);
    await company.join('administrator', nobody);
    const authorization = `Bearer ${access_token}`;
    assert.equal((await callApi(server.issuer, ['GET', '/members'], { authorization })).status, 403);
    const { body } = await callApi(server.issuer, ['GET', '/users/me'], { authorization });
    assert.deepEqual([body.organization, body.permissions], [undefined, {}]);
  });

  it('takes no token that a former member has let a program have', async () => {
    const { change, remove, member, join } = await arrange();
    const { access_token } = await letDeviceIn(server.issuer, await allowApi(), member.account);
    const use = async () =>
      (await callApi(server.issuer, ['GET', '/members'], { authorization: `Bearer ${access_token}` })).status;
    assert.equal(await use(), 200);
    await change({ disabled: true });
    assert.equal(await use(), 401);
    await change({ disabled: false });
    assert.equal(await use(), 200);
    await remove();
    assert.equal(await use(), 401);
    await join('member', member);
    assert.equal(await use(), 401);
  });
});
