import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoCli } from '../../src/development.ts';
import {
  credentials,
  introspect,
  poll,
  post,
  refresh,
  requestDevice,
  requestMachineToken,
  revoke,
} from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const isActive = async (token: string) => (await introspect(server.issuer, token)).body.active;

describe('revocation', () => {
  it('of an access token ends that token alone', async () => {
    const first = await letDeviceIn(server.issuer);
    const { body: second } = await refresh(server.issuer, first.refresh_token);
    const { status, headers, body } = await revoke(server.issuer, first.access_token);
    assert.deepEqual([status, body], [200, '']);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(await isActive(first.access_token), false);
    assert.equal(await isActive(second.access_token), true);
    const { status: refreshed, body: third } = await refresh(server.issuer, second.refresh_token);
    assert.equal(refreshed, 200);
    assert.equal(await isActive(third.access_token), true);
  });

  it('of a refresh token ends everything of its grant, and nothing of another', async () => {
    const other = await letDeviceIn(server.issuer);
    const first = await letDeviceIn(server.issuer);
    const { body: second } = await refresh(server.issuer, first.refresh_token);
    assert.equal((await revoke(server.issuer, second.refresh_token)).status, 200);
    for (const token of [first.access_token, second.access_token]) assert.equal(await isActive(token), false);
    const refused = await refresh(server.issuer, second.refresh_token);
    assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_grant']);
    assert.equal(await isActive(other.access_token), true);
    assert.equal((await refresh(server.issuer, other.refresh_token)).status, 200);
  });

  it('of a refresh token that has been used ends its successors too', async () => {
    const first = await letDeviceIn(server.issuer);
    const { body: second } = await refresh(server.issuer, first.refresh_token);
    assert.equal((await revoke(server.issuer, first.refresh_token)).status, 200);
    assert.equal(await isActive(second.access_token), false);
    assert.equal((await refresh(server.issuer, second.refresh_token)).body.error, 'invalid_grant');
  });

  it('of a machine token ends it', async () => {
    const { body } = await requestMachineToken(server.issuer);
    const { body: sibling } = await requestMachineToken(server.issuer);
    const form = { token: body.access_token };
    const { status } = await post(`${server.issuer}/oauth/revoke`, form, { basic: credentials.machine });
    assert.equal(status, 200);
    assert.equal(await isActive(body.access_token), false);
    assert.equal(await isActive(sibling.access_token), true);
  });

  it('finds a token whatever the hint says', async () => {
    for (const token_type_hint of ['access_token', 'refresh_token', 'nonsense']) {
      const { access_token, refresh_token } = await letDeviceIn(server.issuer);
      assert.equal((await revoke(server.issuer, access_token, { token_type_hint })).status, 200);
      assert.equal(await isActive(access_token), false);
      assert.equal((await revoke(server.issuer, refresh_token, { token_type_hint })).status, 200);
      assert.equal((await refresh(server.issuer, refresh_token)).body.error, 'invalid_grant');
    }
  });

  it('succeeds a second time, and for what is no token (RFC 7009 section 2.2)', async () => {
    const { access_token, refresh_token } = await letDeviceIn(server.issuer);
    const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';
    for (const token of [access_token, access_token, refresh_token, refresh_token, 'unknown', '\0', jwt]) {
      assert.equal((await revoke(server.issuer, token)).status, 200);
    }
  });

  it('of a device code that nobody has answered withdraws it, for the client alone that it belongs to', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const stranger = await registerClient(server.db);
    const form = { token: device.device_code };
    assert.equal((await post(`${server.issuer}/oauth/revoke`, form, { basic: stranger.basic })).status, 200);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'authorization_pending');

    assert.equal((await revoke(server.issuer, device.device_code)).status, 200);
    const { status } = await createPerson(server.issuer).enterCode(device.user_code);
    assert.equal(status, 400);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'invalid_grant');
  });

  it('is invalid_request without a token and with two', async () => {
    const twice: [string, string][] = [
      ['client_id', demoCli.id],
      ['token', 'one'],
      ['token', 'two'],
    ];
    for (const form of [{ client_id: demoCli.id }, { client_id: demoCli.id, token: '' }, twice]) {
      const { status, body } = await post(`${server.issuer}/oauth/revoke`, form);
      assert.deepEqual([status, body.error], [400, 'invalid_request']);
    }
  });
});

describe('a token of another client', () => {
  it('is refused and goes on working', async () => {
    const { access_token, refresh_token } = await letDeviceIn(server.issuer);
    const { body: machine } = await requestMachineToken(server.issuer);
    const { basic } = await registerClient(server.db);
    for (const token of [access_token, refresh_token, machine.access_token]) {
      for (const caller of [basic, credentials.api]) {
        const { status, body } = await post(`${server.issuer}/oauth/revoke`, { token }, { basic: caller });
        assert.deepEqual([status, body.error], [400, 'invalid_request']);
      }
    }
    for (const token of [access_token, machine.access_token]) assert.equal(await isActive(token), true);
    assert.equal((await refresh(server.issuer, refresh_token)).status, 200);
  });

  it('goes on working when a public client tries, which is not told whether it exists', async () => {
    const { body: machine } = await requestMachineToken(server.issuer);
    const { status, body } = await revoke(server.issuer, machine.access_token);
    assert.deepEqual([status, body], [200, '']);
    assert.equal(await isActive(machine.access_token), true);
  });
});
