import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { findOnlyOrganization, untilRecorded } from '../support/audit.ts';
import { poll, post } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let client_id: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' } });
  const registered = await registerClient(server.db, {
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
    sameNetwork: true,
  });
  client_id = registered.id;
});
after(() => server.stop());

const from = (address: string) => ({ 'x-forwarded-for': address });

async function askFrom(address: string): Promise<{ device_code: string; user_code: string }> {
  const url = `${server.issuer}/oauth/device_authorization`;
  return (await post(url, { client_id, scope: 'read' }, { headers: from(address) })).body;
}

const refusal = /only from the network that its device is in/;

describe('a client whose devices are allowed from their own network only', () => {
  for (const [device, approver] of [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:200::1', '2001:db8:1:2ff:ffff::2'],
  ] as const) {
    it(`is allowed at ${approver} for a device at ${device}`, async () => {
      const { user_code, device_code } = await askFrom(device);
      const person = createPerson(server.issuer, from(approver));
      await person.enterCode(user_code);
      assert.match((await person.decide('allow')).html, /Your device is connected/);
      assert.equal((await poll(server.issuer, device_code, { client_id })).status, 200);
    });
  }

  for (const [device, approver] of [
    ['192.0.2.1', '192.0.2.2'],
    ['2001:db8:1:200::1', '2001:db8:1:300::1'],
    ['192.0.2.1', '2001:db8::c000:201'],
  ] as const) {
    it(`is not allowed at ${approver} for a device at ${device}, and says why`, async () => {
      const { user_code, device_code } = await askFrom(device);
      const person = createPerson(server.issuer, from(approver));
      const page = await person.enterCode(user_code);
      assert.match(page.html, refusal);
      assert.doesNotMatch(page.html, /value="allow"/);
      // Whoever writes the button in by hand is told the same.
      assert.match((await person.decide('allow')).html, refusal);
      const { body } = await poll(server.issuer, device_code, { client_id });
      assert.equal(body.error, 'authorization_pending');
      assert.match((await person.decide('deny')).html, /You denied it/);
    });
  }

  it('is not allowed by who opened the page there and decides elsewhere', async () => {
    const { user_code, device_code } = await askFrom('192.0.2.1');
    const headers = from('192.0.2.1');
    const person = createPerson(server.issuer, headers);
    assert.doesNotMatch((await person.enterCode(user_code)).html, refusal);
    headers['x-forwarded-for'] = '198.51.100.1';
    assert.match((await person.decide('allow')).html, refusal);
    const { body } = await poll(server.issuer, device_code, { client_id });
    assert.equal(body.error, 'authorization_pending');
    const grants = await server.db.query(sql`select from grants where device_address is null`);
    assert.deepEqual(grants, []);
    const organization = await findOnlyOrganization(server.db);
    const [event] = await untilRecorded(server.db, organization, { action: 'device.refused' });
    assert.equal(event?.reason, 'other network');
  });
});
