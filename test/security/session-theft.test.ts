import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { hashPassword } from '../../src/users/password.ts';
import { disableUser, enableUser, setPassword } from '../../src/users/user.ts';
import { poll, requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson, hiddenField, type Person } from '../support/person.ts';
import { findFreePort } from '../support/port.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let adaId: string;
before(async () => {
  server = await startServer();
  adaId = await addAccount(server.db, ada);
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

async function signInAsAda(): Promise<Person> {
  const person = createPerson(server.issuer);
  await person.signIn(ada);
  assert.equal(await isSignedIn(person), true);
  return person;
}

async function isSignedIn(person: Person): Promise<boolean> {
  return (await person.open('/')).html.includes(ada.email);
}

/** The names and attributes of every cookie that was set on the way through a whole login. */
async function listAttributes(person: Person, userCode: string): Promise<Map<string, Set<string>>> {
  await person.enterCode(userCode);
  await person.decide('allow');
  await person.submit('/sign-out', {});
  const found = new Map<string, Set<string>>();
  for (const line of person.hops.flatMap(({ headers }) => headers.getSetCookie())) {
    const [pair = '', ...attributes] = line.toLowerCase().split('; ');
    const name = pair.split('=')[0] ?? '';
    const kept = attributes.filter((attribute) => !attribute.startsWith('expires='));
    found.set(name, (found.get(name) ?? new Set()).add(kept.sort().join('; ')));
  }
  return found;
}

describe('every cookie', () => {
  it('is kept from scripts, from other sites and, over https, from other hosts and plain http', async () => {
    const port = await findFreePort();
    const https = await startServer({
      settings: {
        POSTERN_ISSUER: 'https://login.example.com',
        POSTERN_HOST: 'localhost',
        POSTERN_PORT: String(port),
        POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1',
      },
    });
    try {
      const origin = `http://localhost:${port}`;
      const person = createPerson(origin, { origin: 'https://login.example.com' });
      const { body: device } = await requestDevice(origin);
      const attributes = await listAttributes(person, device.user_code);
      assert.deepEqual([...attributes.keys()].sort(), [
        '__host-postern-browser',
        '__host-postern-device',
        '__host-postern-session',
        '__host-postern-visit',
      ]);
      for (const [name, kinds] of attributes)
        assert.deepEqual([...kinds], ['httponly; path=/; samesite=lax; secure'], name);
    } finally {
      await https.stop();
    }
  });

  it('is the same on loopback http but for what a browser would not take there', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const attributes = await listAttributes(createPerson(server.issuer), device.user_code);
    assert.equal(attributes.size, 4);
    for (const [name, kinds] of attributes) {
      assert.match(name, /^postern-/);
      assert.deepEqual([...kinds], ['httponly; path=/; samesite=lax'], name);
    }
  });
});

describe('a stolen session', () => {
  it('ends when its owner signs out, for whoever holds its cookies', async () => {
    const owner = await signInAsAda();
    const thief = createPerson(server.issuer);
    for (const [name, value] of owner.cookies) thief.cookies.set(name, value);
    assert.equal(await isSignedIn(thief), true);
    await owner.submit('/sign-out', {});
    assert.equal(await isSignedIn(thief), false);
  });

  it('ends at once when the account is disabled, in the middle of a decision too', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code, ada);
    try {
      await disableUser(server.db, adaId);
      const page = await person.decide('allow');
      assert.equal(page.status, 403);
      assert.match(page.html, /You are not signed in any more/);
      assert.equal(await isSignedIn(person), false);
      assert.equal((await poll(server.issuer, device.device_code)).body.error, 'authorization_pending');
    } finally {
      await enableUser(server.db, adaId);
    }
  });

  it('ends when the password changes', async () => {
    const person = await signInAsAda();
    await setPassword(server.db, adaId, await hashPassword(ada.password));
    assert.equal(await isSignedIn(person), false);
  });

  it('ends by itself within a day', async () => {
    const person = await signInAsAda();
    const [row] = await server.db.query<{ bounded: boolean }>(
      sql`select bool_and(expires_at <= now() + interval '1 day') as bounded from sessions`,
    );
    assert.equal(row?.bounded, true);
    await server.db.query(
      sql`update sessions set created_at = now() - interval '2 days', expires_at = now()`,
    );
    assert.equal(await isSignedIn(person), false);
  });

  it('cannot be taken from a dump of the database: it holds no cookie that works', async () => {
    const person = await signInAsAda();
    const rows = await server.db.query<{ text: string; digest: Buffer }>(sql`
      select concat(sessions::text, encode(id_digest, 'escape')) as text, id_digest as digest from sessions`);
    assert.ok(rows.length > 0);
    for (const { text, digest } of rows) {
      for (const value of person.cookies.values()) assert.ok(!text.includes(value));
      for (const encoding of ['hex', 'base64url'] as const) {
        const thief = createPerson(server.issuer);
        for (const [name, value] of person.cookies) thief.cookies.set(name, value);
        thief.cookies.set('postern-session', digest.toString(encoding));
        assert.equal(await isSignedIn(thief), false);
      }
    }
  });

  it('does not decide for its owner with a form that was made before it', async () => {
    const owner = await signInAsAda();
    const csrf = hiddenField(await owner.open('/device'), 'csrf');
    await owner.submit('/sign-out', {});
    await owner.signIn(ada);
    assert.equal((await owner.send('/device', { csrf, user_code: 'BCDF-GHJK' })).status, 403);
  });
});
