import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { addDevices, addSessions } from '../support/belongings.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let administrator: Employee;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  ({ administrator } = await foundCompany(server));
});
after(() => server.stop());

const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';

describe('a page with a list that goes on', () => {
  it('weighs less than 60 kB', async () => {
    const { call, person } = administrator;
    for (let count = 0; count < 52; count++) {
      const body = {
        name: `Nightly backup of machine ${count}`,
        permissions: { [demoResource.uri]: ['read', 'write'] },
        expires_at: '2100-01-31T12:00:00Z',
        address_ranges: ['192.0.2.0/24', '2001:db8::/32'],
      };
      const { status } = await call('POST', '/tokens', body, { 'user-agent': browser });
      assert.equal(status, 201);
    }
    for (const path of ['/account/tokens', '/admin/tokens', '/admin/audit']) {
      const { status, html } = await person.open(path);
      assert.equal(status, 200);
      assert.match(html, /Next page/, path);
      const { headers } = person.hops.at(-1) ?? assert.fail(path);
      assert.equal(headers.get('content-encoding'), 'gzip', path);
      const bytes = Number(headers.get('content-length'));
      assert.ok(bytes > 10_000 && bytes < 60_000, `${path}: ${bytes} bytes`);
    }
  });

  it('weighs no more where it is not compressed, however many devices and sessions there are', async () => {
    const { id, account } = administrator;
    await addDevices(server.db, id, 60);
    await addSessions(server.db, id, 60);
    const person = createPerson(server.issuer, { 'accept-encoding': 'identity' });
    await person.signIn(account);
    for (const path of ['/account', '/account/devices', '/account/security', '/account/security/sessions']) {
      const { status, html } = await person.open(path);
      assert.equal(status, 200);
      assert.match(html, /Next page|Show all|Everything else/, path);
      const { headers } = person.hops.at(-1) ?? assert.fail(path);
      assert.equal(headers.get('content-encoding'), null, path);
      const bytes = Number(headers.get('content-length'));
      assert.ok(bytes > 10_000 && bytes < 60_000, `${path}: ${bytes} bytes`);
    }
  });
});
