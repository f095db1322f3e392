import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { findUserByEmail } from '../../src/users/user.ts';
import { introspect, poll, refresh, requestDevice, revoke } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

describe('the device authorization grant', () => {
  it('answers a device with everything that RFC 8628 section 3.2 names', async () => {
    const { status, headers, body } = await requestDevice(server.issuer);
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.match(body.device_code, /^pst_dc_[0-9A-Za-z]{55}$/);
    assert.match(body.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    assert.equal(body.verification_uri, `${server.issuer}/device`);
    assert.equal(body.verification_uri_complete, `${server.issuer}/device?user_code=${body.user_code}`);
    assert.equal(body.expires_in, 600);
    assert.equal(body.interval, 5);
  });

  it('lets a device in that a person has approved', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const pending = await poll(server.issuer, device.device_code);
    assert.deepEqual([pending.status, pending.body.error], [400, 'authorization_pending']);

    const person = createPerson(server.issuer);
    const confirmation = await person.enterCode(device.user_code);
    assert.match(confirmation.html, /Demo CLI/);
    assert.match(confirmation.html, new RegExp(device.user_code));
    await person.decide('allow');

    const { status, body } = await poll(server.issuer, device.device_code);
    assert.equal(status, 200);
    assert.equal(body.token_type, 'Bearer');
    assert.equal(body.expires_in, 3600);
    assert.equal(body.scope, 'read write');
    assert.match(body.access_token, /^pst_at_/);
    assert.match(body.refresh_token, /^pst_rt_/);

    const user = await findUserByEmail(server.db, demoUser.email);
    const { body: seen } = await introspect(server.issuer, body.access_token);
    assert.equal(seen.active, true);
    assert.equal(seen.sub, user?.id);
    assert.equal(seen.username, demoUser.email);
    assert.equal(seen.client_id, 'demo-cli');
    assert.equal(seen.aud, 'https://api.example.com');
    assert.equal(seen.scope, 'read write');
    assert.equal(seen.iss, server.issuer);
  });

  it('tells the device that it was denied', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('deny');
    const { status, body } = await poll(server.issuer, device.device_code);
    assert.deepEqual([status, body.error], [400, 'access_denied']);
  });

  it('gives no refresh token where offline_access is not asked for', async () => {
    const { body: device } = await requestDevice(server.issuer, { scope: 'read' });
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const { body } = await poll(server.issuer, device.device_code);
    assert.equal(body.scope, 'read');
    assert.equal(body.refresh_token, undefined);
  });

  it('refreshes, and ends the whole sign-in when the refresh token is revoked', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const { body: first } = await poll(server.issuer, device.device_code);
    const { status, body: second } = await refresh(server.issuer, first.refresh_token);
    assert.equal(status, 200);
    assert.notEqual(second.refresh_token, first.refresh_token);
    for (const { access_token } of [first, second]) {
      assert.equal((await introspect(server.issuer, access_token)).body.active, true);
    }
    assert.equal((await revoke(server.issuer, second.refresh_token)).status, 200);
    for (const { access_token } of [first, second]) {
      assert.deepEqual((await introspect(server.issuer, access_token)).body, { active: false });
    }
    assert.equal((await refresh(server.issuer, second.refresh_token)).body.error, 'invalid_grant');
  });

  it('forgets a pending code that its client gives back, and no other client’s', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await revoke(server.issuer, device.device_code, { client_id: 'demo-machine' });
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'authorization_pending');
    assert.equal((await revoke(server.issuer, device.device_code)).status, 200);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'invalid_grant');
    assert.doesNotMatch((await person.enterCode(device.user_code)).url, /sign-in|confirm/);
  });
});
