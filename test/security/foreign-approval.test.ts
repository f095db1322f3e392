import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { poll, requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson, hiddenField } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await addAccount(server.db, ada);
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

const refused = /<h1>Another account opened this code<\/h1>/;

/** The demo user has opened a request and holds the ticket to decide on it. */
async function openAsDemoUser() {
  const { body: device } = await requestDevice(server.issuer);
  const opener = createPerson(server.issuer);
  const ticket = hiddenField(await opener.enterCode(device.user_code), 'ticket');
  return { device, opener, ticket };
}

async function openAsAda() {
  const person = createPerson(server.issuer);
  await person.enterCode((await requestDevice(server.issuer)).body.user_code, ada);
  return person;
}

const errorOf = async (deviceCode: string) => (await poll(server.issuer, deviceCode)).body.error;

describe('a request that one person has opened', () => {
  it('is shown to no other person, who is told why and not whose it is', async () => {
    const { device, opener } = await openAsDemoUser();
    const other = createPerson(server.issuer);
    const page = await other.enterCode(device.user_code, ada);
    assert.match(page.html, refused);
    assert.doesNotMatch(page.html, /Demo CLI|demo@example\.com|name="ticket"/);
    assert.match((await other.open('/device/confirm')).html, /<h1>Connect a device<\/h1>/);
    assert.match((await opener.decide('allow')).html, /Your device is connected/);
    assert.equal((await poll(server.issuer, device.device_code)).status, 200);
  });

  it('cannot be approved or denied by another person who holds its ticket', async () => {
    const { device, opener, ticket } = await openAsDemoUser();
    for (const decision of ['allow', 'deny']) {
      const other = await openAsAda();
      const page = await other.submit('/device/confirm', { ticket, decision });
      assert.match(page.html, refused);
      await server.db.query(sql`update device_codes set last_polled_at = null`);
      assert.equal(await errorOf(device.device_code), 'authorization_pending');
    }
    assert.match((await opener.decide('allow')).html, /Your device is connected/);
  });

  it('cannot be approved by the next person who signs in to the same browser', async () => {
    const { device, opener, ticket } = await openAsDemoUser();
    await opener.submit('/sign-out', {});
    await opener.signIn(ada);
    const page = await opener.open('/device/confirm');
    assert.doesNotMatch(page.html, /name="ticket"/);
    const csrf = hiddenField(page, 'csrf');
    const outcome = await opener.send('/device/confirm', { csrf, ticket, decision: 'allow' });
    assert.match(outcome.html, refused);
    assert.match((await opener.enterCode(device.user_code, ada)).html, refused);
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
  });

  it('can be approved by the same person in another browser', async () => {
    const { device } = await openAsDemoUser();
    const elsewhere = createPerson(server.issuer);
    assert.match((await elsewhere.enterCode(device.user_code)).url, /\/device\/confirm$/);
    assert.match((await elsewhere.decide('allow')).html, /Your device is connected/);
    assert.equal((await poll(server.issuer, device.device_code)).status, 200);
  });

  it('belongs to exactly one of two people who enter its code at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { body: device } = await requestDevice(server.issuer);
      const people = [createPerson(server.issuer), createPerson(server.issuer)] as const;
      await Promise.all([people[0].signIn(demoUser), people[1].signIn(ada)]);
      const pages = await Promise.all(people.map((person) => person.enterCode(device.user_code)));
      assert.deepEqual(pages.map(({ url }) => new URL(url).pathname).sort(), [
        '/device/confirm',
        '/device/done',
      ]);
    }
  });
});

describe('a ticket', () => {
  it('that was not sealed by this server decides nothing', async () => {
    const { device, opener, ticket } = await openAsDemoUser();
    const swapped = ticket.slice(0, -2) + (ticket.endsWith('AA') ? 'BB' : 'AA');
    for (const forged of [swapped, ticket.slice(4), 'AAAA', '{}']) {
      await opener.enterCode(device.user_code);
      const page = await opener.submit('/device/confirm', { ticket: forged, decision: 'allow' });
      assert.match(page.html, /This code has ended/, forged);
    }
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
  });

  it('decides on the request that its page showed, whatever was opened since', async () => {
    const { device: first, opener, ticket } = await openAsDemoUser();
    const { body: second } = await requestDevice(server.issuer);
    await opener.enterCode(second.user_code);
    await opener.submit('/device/confirm', { ticket, decision: 'allow' });
    assert.equal((await poll(server.issuer, first.device_code)).status, 200);
    assert.equal(await errorOf(second.device_code), 'authorization_pending');
  });

  it('is worth nothing to a visitor who is not signed in', async () => {
    const { device, ticket } = await openAsDemoUser();
    const visitor = createPerson(server.issuer);
    const csrf = hiddenField(await visitor.open('/device'), 'csrf');
    assert.equal((await visitor.send('/device/confirm', { csrf, ticket, decision: 'allow' })).status, 403);
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
  });
});
