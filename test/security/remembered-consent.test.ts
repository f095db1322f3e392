import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { introspect, poll, requestDevice, revoke } from '../support/client.ts';
import { createPerson, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** A whole device login, which must come past the confirmation page. */
async function logIn(person: Person, form: Record<string, string> = {}) {
  const { body: device } = await requestDevice(server.issuer, form);
  const page = await person.enterCode(device.user_code);
  assert.match(page.url, /\/device\/confirm$/);
  assert.equal((await poll(server.issuer, device.device_code)).body.error, 'authorization_pending');
  await person.decide('allow');
  return (await poll(server.issuer, device.device_code)).body;
}

describe('consent for a device', () => {
  it('is asked for even when the device asks for no scope', async () => {
    const person = createPerson(server.issuer);
    const { body: device } = await requestDevice(server.issuer, { scope: '' });
    const page = await person.enterCode(device.user_code);
    assert.match(page.url, /\/device\/confirm$/);
    assert.match(page.html, /Allow <bdi>Demo CLI<\/bdi> to use your account\?/);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'authorization_pending');
  });

  it('names every scope that the token then has', async () => {
    for (const scope of ['', 'read', 'read write', 'offline_access']) {
      const person = createPerson(server.issuer);
      const { body: device } = await requestDevice(server.issuer, { scope });
      const { html } = await person.enterCode(device.user_code);
      await person.decide('allow');
      const { body } = await poll(server.issuer, device.device_code);
      const named = [...html.matchAll(/<li><bdi>[^<]*<\/bdi> <code><bdi>(\w+)<\/bdi>/g)].map(
        ([, name]) => name,
      );
      const granted = [...(body.scope ?? '').split(' '), ...(body.refresh_token ? ['offline_access'] : [])];
      assert.deepEqual(named, granted.filter(Boolean), scope);
    }
  });

  it('is never remembered: the next login of the same person, browser and program is asked again', async () => {
    const person = createPerson(server.issuer);
    for (let count = 0; count < 3; count += 1) await logIn(person);
  });

  it('is a grant of its own each time: ending one login leaves the other', async () => {
    const person = createPerson(server.issuer);
    const first = await logIn(person);
    const second = await logIn(person);
    await revoke(server.issuer, first.refresh_token);
    assert.equal((await introspect(server.issuer, first.access_token)).body.active, false);
    assert.equal((await introspect(server.issuer, second.access_token)).body.active, true);
  });
});
