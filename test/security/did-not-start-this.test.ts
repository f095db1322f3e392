import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createBrowserCaller } from '../support/api.ts';
import { findOnlyOrganization, untilRecorded } from '../support/audit.ts';
import { introspect, poll, post } from '../support/client.ts';
import { ada, addAccount, createPerson, hiddenField } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' } });
  await addAccount(server.db, ada);
});
after(() => server.stop());

type Device = { device_code: string; user_code: string };

async function askFrom(address: string): Promise<Device> {
  const form = { client_id: 'demo-cli', scope: 'read write offline_access' };
  const headers = { 'x-forwarded-for': address };
  return (await post(`${server.issuer}/oauth/device_authorization`, form, { headers })).body;
}

async function stateOf({ device_code }: Device): Promise<string> {
  const { status, body } = await poll(server.issuer, device_code);
  return status === 200 ? 'let in' : body.error;
}

const report = (person: ReturnType<typeof createPerson>) =>
  person.submit('/device/confirm', { decision: 'report' });

async function lastReport() {
  const organization = await findOnlyOrganization(server.db);
  const [event] = await untilRecorded(server.db, organization, { action: 'device.reported' });
  return event;
}

describe('who did not start what a device asks for', () => {
  it('ends the code, and every other pending one from the same network', async () => {
    const trap = await askFrom('203.0.113.7');
    const [sibling, neighbour] = await Promise.all([askFrom('203.0.113.7'), askFrom('203.0.113.8')]);
    const person = createPerson(server.issuer);
    await person.enterCode(trap.user_code);
    const page = await report(person);
    assert.match(page.html, /Nobody gets in/);
    assert.deepEqual(await Promise.all([trap, sibling, neighbour].map(stateOf)), [
      'access_denied',
      'access_denied',
      'authorization_pending',
    ]);
    const late = await createPerson(server.issuer).enterCode(sibling.user_code, ada);
    assert.match(late.html, /This code does not work/);
  });

  it('ends codes from the whole network of an IPv6 address', async () => {
    const trap = await askFrom('2001:db8:1:200::1');
    const sibling = await askFrom('2001:db8:1:2ab::9');
    const person = createPerson(server.issuer);
    await person.enterCode(trap.user_code);
    await report(person);
    assert.deepEqual([await stateOf(trap), await stateOf(sibling)], ['access_denied', 'access_denied']);
  });

  it('leaves a record of who said it, of which program, and of how much ended', async () => {
    const trap = await askFrom('203.0.113.20');
    await askFrom('203.0.113.20');
    const person = createPerson(server.issuer);
    await person.enterCode(trap.user_code);
    await report(person);
    const event = await lastReport();
    assert.equal(event?.targetId, 'demo-cli');
    assert.equal(event?.actorKind, 'person');
    assert.deepEqual(JSON.parse(event?.details ?? ''), { device_codes: 2, device_address: '203.0.113.20' });
  });

  it('takes nothing from who was let in from there before', async () => {
    const welcome = await askFrom('203.0.113.30');
    const friend = createPerson(server.issuer);
    await friend.enterCode(welcome.user_code, ada);
    await friend.decide('allow');
    const trap = await askFrom('203.0.113.30');
    const person = createPerson(server.issuer);
    await person.enterCode(trap.user_code);
    await report(person);
    assert.equal(await stateOf(welcome), 'let in');
  });

  it('cannot end a code that somebody else looks at, nor one that is decided', async () => {
    const trap = await askFrom('203.0.113.40');
    const owner = createPerson(server.issuer);
    const page = await owner.enterCode(trap.user_code);
    const stranger = createPerson(server.issuer);
    await stranger.signIn(ada);
    const own = await stranger.open('/device');
    const stolen = { ticket: hiddenField(page, 'ticket'), csrf: hiddenField(own, 'csrf') };
    await stranger.send('/device/confirm', { ...stolen, decision: 'report' });
    assert.equal(await stateOf(trap), 'authorization_pending');

    const form = { ticket: hiddenField(page, 'ticket'), csrf: hiddenField(page, 'csrf') };
    await owner.decide('allow');
    const late = await owner.send('/device/confirm', { ...form, decision: 'report' });
    assert.match(late.html, /already used/);
    assert.equal(await stateOf(trap), 'let in');
  });

  it('of two who report the same network at once both succeed', async () => {
    const traps = await Promise.all(Array.from({ length: 6 }, () => askFrom('203.0.113.50')));
    const people = await Promise.all(
      traps.slice(0, 2).map(async ({ user_code }, index) => {
        const person = createPerson(server.issuer);
        await person.enterCode(user_code, index === 0 ? ada : undefined);
        return person;
      }),
    );
    const pages = await Promise.all(people.map(report));
    for (const { html, status } of pages) {
      assert.equal(status, 200);
      assert.match(html, /Nobody gets in|already used/);
    }
    for (const trap of traps) assert.equal(await stateOf(trap), 'access_denied');
  });

  it('says so from another site in nobody’s name', async () => {
    const trap = await askFrom('203.0.113.60');
    const person = createPerson(server.issuer);
    const page = await person.enterCode(trap.user_code);
    const form = { ticket: hiddenField(page, 'ticket'), csrf: hiddenField(page, 'csrf') };
    const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const { status } = await person.send('/device/confirm', { ...form, decision: 'report' }, evil);
    assert.equal(status, 403);
    assert.equal((await person.send('/device/undo', { ...form, decision: 'report' }, evil)).status, 403);
    assert.equal(await stateOf(trap), 'authorization_pending');
  });
});

describe('who has allowed it and did not start it', () => {
  const allow = async (address: string) => {
    const device = await askFrom(address);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const { body } = await poll(server.issuer, device.device_code);
    return { person, token: body.access_token as string };
  };
  const isActive = async (token: string) => (await introspect(server.issuer, token)).body.active;

  it('ends what it got, and every pending code from its network, on the page that says it is connected', async () => {
    const { person, token } = await allow('203.0.113.70');
    const sibling = await askFrom('203.0.113.70');
    assert.equal(await isActive(token), true);
    const page = await person.submit('/device/undo', { decision: 'report' });
    assert.match(page.html, /Nobody gets in/);
    assert.equal(await isActive(token), false);
    assert.equal(await stateOf(sibling), 'access_denied');
    assert.deepEqual(JSON.parse((await lastReport())?.details ?? ''), {
      device_codes: 1,
      device_address: '203.0.113.70',
    });
  });

  it('can say so later at the management API', async () => {
    const { token } = await allow('203.0.113.80');
    const sibling = await askFrom('203.0.113.80');
    const call = await createBrowserCaller(server.issuer);
    const { items } = (await call('GET', '/grants')).body;
    const { id } = items.find(
      (grant: { device: { address: string } }) => grant.device.address === '203.0.113.80',
    );
    const answer = await call('POST', `/grants/${id}/report`);
    assert.deepEqual([answer.status, answer.body], [200, { device_codes: 1 }]);
    assert.equal(await isActive(token), false);
    assert.equal(await stateOf(sibling), 'access_denied');
    assert.equal((await call('POST', `/grants/${id}/report`)).status, 404);
  });

  it('cannot say so of what another person has allowed', async () => {
    const { token } = await allow('203.0.113.90');
    const call = await createBrowserCaller(server.issuer);
    const { items } = (await call('GET', '/grants')).body;
    const stranger = await createBrowserCaller(server.issuer, ada);
    const answer = await stranger('POST', `/grants/${items[0].id}/report`);
    assert.ok([403, 404].includes(answer.status));
    assert.equal(await isActive(token), true);
  });
});
