import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { poll, requestDevice } from '../support/client.ts';
import { createPerson, hiddenField, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

const forms = ['/device', '/device/confirm', '/sign-in', '/sign-out'];

/** Somebody who has only to press Allow, and the device that waits for it. */
async function openConfirmation() {
  const { body: device } = await requestDevice(server.issuer);
  const victim = createPerson(server.issuer);
  const page = await victim.enterCode(device.user_code);
  const decision = { ticket: hiddenField(page, 'ticket'), decision: 'allow' };
  return { victim, device, decision, csrf: hiddenField(page, 'csrf') };
}

async function isSignedIn(person: Person): Promise<boolean> {
  return (await person.open('/')).html.includes(demoUser.email);
}

const errorOf = async (deviceCode: string) => (await poll(server.issuer, deviceCode)).body.error;

describe('a form of a stranger', () => {
  it('is refused with 403 without the token, and with one that is not right', async () => {
    const { victim, csrf, device, decision } = await openConfirmation();
    for (const path of forms) {
      for (const token of [undefined, '', 'x', csrf.slice(0, -1), `${csrf}A`, csrf.toLowerCase()]) {
        const fields = { ...decision, ...demoUser, user_code: device.user_code };
        const page = await victim.send(path, { ...fields, ...(token !== undefined && { csrf: token }) });
        assert.equal(page.status, 403, `${path} with ${token}`);
        assert.match(page.html, /Request id:/);
      }
    }
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
    assert.equal(await isSignedIn(victim), true);
  });

  it('is refused with the token of another visitor, signed in or not', async () => {
    const { victim, decision, device } = await openConfirmation();
    const stranger = createPerson(server.issuer);
    const before = hiddenField(await stranger.open('/device'), 'csrf');
    const since = hiddenField(await stranger.signIn(), 'csrf');
    for (const csrf of [before, since]) {
      for (const path of forms) {
        assert.equal((await victim.send(path, { ...decision, csrf })).status, 403, path);
      }
    }
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
  });

  it('is refused from another origin even with the right token', async () => {
    const { victim, csrf, decision, device } = await openConfirmation();
    const elsewhere = [
      { origin: 'https://evil.example' },
      { origin: `${server.issuer}.evil.example` },
      { origin: server.issuer.replace('http:', 'https:') },
      { origin: server.issuer.replace(/:\d+$/, ':1') },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of elsewhere) {
      for (const path of forms) {
        const page = await victim.send(path, { csrf, ...decision }, headers);
        assert.equal(page.status, 403, `${path} ${JSON.stringify(headers)}`);
      }
    }
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
    assert.equal(await isSignedIn(victim), true);
  });

  it('is refused in the body types that another site can send without asking', async () => {
    const { victim, csrf, decision, device } = await openConfirmation();
    for (const type of ['text/plain', 'multipart/form-data; boundary=x']) {
      const page = await victim.send('/device/confirm', { csrf, ...decision }, { 'content-type': type });
      assert.equal(page.status, 415, type);
    }
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
  });

  it('is taken from our own page, so that the refusals above mean something', async () => {
    const { victim, csrf, decision, device } = await openConfirmation();
    assert.match((await victim.send('/device/confirm', { csrf, ...decision })).url, /\/device\/done$/);
    assert.equal((await poll(server.issuer, device.device_code)).status, 200);
  });
});

describe('a sign-in of a stranger', () => {
  it('cannot be planted: the token of a form ends with the sign-in and with the signing out', async () => {
    const person = createPerson(server.issuer);
    const before = hiddenField(await person.open('/sign-in'), 'csrf');
    const during = hiddenField(await person.submit('/sign-in', demoUser), 'csrf');
    assert.equal((await person.send('/sign-out', { csrf: before })).status, 403);
    assert.equal((await person.send('/sign-out', { csrf: during })).status, 200);
    assert.equal((await person.send('/sign-in', { csrf: during, ...demoUser })).status, 403);
    assert.equal((await person.send('/sign-in', { csrf: before, ...demoUser })).status, 403);
    assert.equal(await isSignedIn(person), false);
  });
});

describe('a link of a stranger', () => {
  it('changes nothing: GET /device?user_code=… opens, approves and counts nothing', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const victim = createPerson(server.issuer);
    await victim.signIn();
    const cookies = new Map(victim.cookies);
    for (const query of ['', '&decision=allow', '&csrf=x&submit=1', '&confirm=yes']) {
      const page = await victim.open(`/device?user_code=${device.user_code}${query}`);
      assert.equal(page.status, 200);
      assert.match(page.html, /<h1>Connect a device<\/h1>/);
    }
    for (let count = 0; count < 20; count += 1) await victim.open('/device?user_code=BCDF-GHJK');
    assert.deepEqual(victim.cookies, cookies);
    const [row] = await server.db.query<{ opened: boolean; decided: boolean }>(sql`
      select bool_or(opened_by is not null) as opened, bool_or(decided_at is not null) as decided
      from device_codes where digest = sha256(${device.device_code}::bytea)`);
    assert.deepEqual(row, { opened: false, decided: false });
    assert.deepEqual(await server.db.query(sql`select from rate_limits where key like 'user_code%'`), []);
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
  });

  it('decides nothing by GET: the pages that change something do not know it', async () => {
    const { victim, decision, csrf, device } = await openConfirmation();
    const query = new URLSearchParams({ ...decision, csrf });
    assert.equal((await victim.open(`/device/confirm?${query}`)).status, 200);
    assert.equal((await victim.open(`/sign-out?${query}`)).status, 405);
    assert.equal(await isSignedIn(victim), true);
    assert.equal(await errorOf(device.device_code), 'authorization_pending');
  });
});
