import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { policies } from '../../src/limits/policy.ts';
import { sql } from '../../src/postgres/sql.ts';
import { poll, requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let client: TestClient;
before(async () => {
  server = await startServer();
  client = await registerClient(server.db, {
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
    verificationUriComplete: false,
  });
});
after(() => server.stop());

const ask = async () => (await requestDevice(server.issuer, { client_id: client.id, scope: 'read' })).body;
const link = (code: string) => `/device?user_code=${code}`;
const demand = /type the code yourself/;

async function isOpened(): Promise<boolean> {
  return (await server.db.query(sql`select from device_codes where opened_by is not null`)).length > 0;
}

describe('a client whose codes must be typed', () => {
  it('gets no link with the code in it', async () => {
    const device = await ask();
    assert.equal(device.verification_uri, `${server.issuer}/device`);
    assert.equal('verification_uri_complete' in device, false);
  });

  it('is not connected by a link that a stranger made, before sign-in and after', async () => {
    const { user_code } = await ask();
    const visitor = createPerson(server.issuer);
    const member = createPerson(server.issuer);
    await member.signIn();
    for (const person of [visitor, member]) {
      await person.open(link(user_code));
      const page = await person.submit('/device', { user_code });
      assert.equal(page.status, 400);
      assert.match(page.html, demand);
      assert.equal(page.html.includes(user_code), false, 'the code is not there to be sent on');
    }
    assert.equal(await isOpened(), false);
  });

  it('is not connected by a link whose code waited for a sign-in unseen', async () => {
    const { user_code } = await ask();
    const person = createPerson(server.issuer);
    await person.open('/device');
    for (let count = 0; count < policies.user_code_by_visit.failures; count += 1) {
      await person.open('/device');
      await person.submit('/device', { user_code: 'BBBBBBBB' });
    }
    await person.open(link(user_code));
    const signIn = await person.submit('/device', { user_code });
    assert.ok(signIn.url.endsWith('/sign-in'));
    // Whoever goes back from there meets the code again, as one that came in a link.
    await person.open('/device');
    await person.submit('/device', { user_code });
    const page = await person.signIn();
    assert.match(page.html, demand);
    assert.equal(await isOpened(), false);
  });

  it('is connected by its code when it is typed, on the page of the link too', async () => {
    const device = await ask();
    const person = createPerson(server.issuer);
    await person.signIn();
    await person.open(link(device.user_code));
    await person.submit('/device', { user_code: device.user_code });
    await person.submit('/device', { user_code: device.user_code });
    await person.decide('allow');
    assert.equal((await poll(server.issuer, device.device_code, { client_id: client.id })).status, 200);
  });
});

describe('any other client', () => {
  it('is connected by a link, once the code has been compared', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.signIn();
    await person.open(link(device.user_code));
    const page = await person.submit('/device', { user_code: device.user_code });
    assert.ok(page.url.endsWith('/device/confirm'));
    assert.ok(page.html.includes(device.user_code));
  });
});
