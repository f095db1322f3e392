import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { ReadEvent } from '../../src/audit/events.ts';
import { sql } from '../../src/postgres/sql.ts';
import { disableUser, enableUser } from '../../src/users/user.ts';
import { untilRecorded } from '../support/audit.ts';
import { type Authenticator, createAuthenticator, type Deviation } from '../support/authenticator.ts';
import { type Employee, hire } from '../support/company.ts';
import { createPerson, hiddenField, type Page, type Person } from '../support/person.ts';
import { addPasskeyOf, passkeyOffer, setUpApp } from '../support/second-factor.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let issuer: string;
let employee: Employee;
let authenticator: Authenticator;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  issuer = server.issuer;
  employee = await hire(server);
  ({ authenticator } = await addPasskeyOf(server, employee));
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

const serverChain = '00000000-0000-0000-0000-000000000000';

/** Waits until a refusal for this reason is written down. */
async function untilRefused(reason: string): Promise<ReadEvent> {
  return await until(async () => {
    const events = await untilRecorded(server.db, serverChain, { action: 'passkey.refused' });
    return events.find((event) => event.reason === reason);
  });
}

type Answering = { page: Page; ceremony: string; options: { challenge: string } };

async function openSignIn(person: Person): Promise<Answering> {
  const page = await person.open('/sign-in');
  return { page, ...passkeyOffer(page) };
}

function send(
  person: Person,
  { page, ceremony }: Omit<Answering, 'options'>,
  credential: unknown,
): Promise<Page> {
  const csrf = hiddenField(page, 'csrf');
  return person.send('/sign-in/passkey', { csrf, ceremony, credential: JSON.stringify(credential) });
}

async function signInWith(deviation: Deviation, key = authenticator): Promise<Page> {
  const person = createPerson(issuer);
  const asked = await openSignIn(person);
  return await send(person, asked, key.get(asked.options, deviation));
}

const isIn = ({ url }: Page) => url === `${issuer}/account`;

describe('the answer of a passkey', () => {
  it('lets in when it is right, which is what the others are measured by', async () => {
    assert.ok(isIn(await signInWith({})));
  });

  it('is refused where anything about it is wrong, with the same words', async () => {
    const stranger = createAuthenticator(issuer);
    stranger.create({ challenge: '', user: { id: '' } });
    const pages = await Promise.all([
      signInWith({ origin: 'https://evil.example' }),
      signInWith({ origin: `${issuer}.evil.example` }),
      signInWith({ rpId: 'evil.example' }),
      signInWith({ type: 'webauthn.create' }),
      signInWith({ challenge: 'c29tZXRoaW5nIGVsc2U' }),
      signInWith({ isVerified: false }),
      signInWith({ userHandle: 'AAAAAAAAAAAAAAAAAAAAAA' }),
      signInWith({}, stranger),
    ]);
    for (const page of pages) {
      assert.equal(page.status, 400);
      assert.match(page.html, /This passkey does not work here/);
    }
    for (const reason of ['not verified', 'of another account', 'unknown']) await untilRefused(reason);
  });

  it('is refused where its counter has not grown, and that is written down', async () => {
    await signInWith({ counter: 1000 });
    for (const counter of [1000, 999, 0]) assert.equal((await signInWith({ counter })).status, 400);
    const event = await untilRefused('the counter went back');
    assert.equal(event.targetName, employee.account.email);
    assert.ok(isIn(await signInWith({ counter: 1001 })));
  });

  it('is good once, for ten who send it at the same time too', async () => {
    const one = await hire(server);
    // It does not count, as those in passwords managers do not.
    const { authenticator: key } = await addPasskeyOf(server, one);
    const person = createPerson(issuer);
    const asked = await openSignIn(person);
    const credential = key.get(asked.options, { counter: 0 });
    const copies = Array.from({ length: 10 }, () => {
      const copy = createPerson(issuer);
      for (const [name, value] of person.cookies) copy.cookies.set(name, value);
      return copy;
    });
    const pages = await Promise.all(copies.map((copy) => send(copy, asked, credential)));
    assert.equal(pages.filter(isIn).length, 1);
  });

  it('to a challenge of another browser, or for another purpose, is refused', async () => {
    const [one, other] = [createPerson(issuer), createPerson(issuer)];
    const asked = await openSignIn(one);
    const { page } = await openSignIn(other);
    const credential = authenticator.get(asked.options, { counter: 2000 });
    assert.equal((await send(other, { page, ceremony: asked.ceremony }, credential)).status, 400);

    const half = createPerson(issuer);
    const proof = await half.signIn(employee.account);
    const { options, ceremony } = passkeyOffer(proof);
    const answered = authenticator.get(options, { counter: 2001 });
    assert.equal((await send(half, { page: proof, ceremony }, answered)).status, 400);
  });

  it('of somebody else is no second factor', async () => {
    const other = await hire(server);
    await setUpApp(server, other);
    await addPasskeyOf(server, other);
    const half = createPerson(issuer);
    const page = await half.signIn(other.account);
    const { options, ceremony } = passkeyOffer(page);
    const refused = await half.send('/sign-in/second-factor', {
      csrf: hiddenField(page, 'csrf'),
      ceremony,
      credential: JSON.stringify(authenticator.get(options, { counter: 3000 })),
    });
    assert.equal(refused.status, 400);
    assert.equal(half.cookies.has('postern-session'), false);
  });

  it('is refused for who is disabled, and once the passkey is removed', async () => {
    const one = await hire(server);
    const { authenticator: key, id } = await addPasskeyOf(server, one);
    await disableUser(server.db, one.id);
    assert.equal((await signInWith({}, key)).status, 400);
    await enableUser(server.db, one.id);
    assert.ok(isIn(await signInWith({}, key)));
    assert.equal((await one.call('DELETE', `/users/me/passkeys/${id}`)).status, 204);
    assert.equal((await signInWith({}, key)).status, 400);
  });

  it('may be anything, and is never more than a refusal', async () => {
    const junk = [
      null,
      7,
      [],
      {},
      { id: 5, response: {} },
      { id: '', response: {} },
      { id: 'x', response: null },
    ];
    const person = createPerson(issuer);
    for (const credential of [
      ...junk,
      { id: 'a'.repeat(4000), response: { userHandle: 'x'.repeat(2000) } },
    ]) {
      const asked = await openSignIn(person);
      assert.equal((await send(person, asked, credential)).status, 400);
    }
  });

  it('is throttled by network', async () => {
    const person = createPerson(issuer);
    const asked = await openSignIn(person);
    const tries = await Promise.all(Array.from({ length: 61 }, () => send(person, asked, {})));
    assert.ok(tries.some(({ status }) => status === 429));
  });
});

describe('a new passkey', () => {
  const add = (call: Employee['call'], registration: string, credential: object) =>
    call('POST', '/users/me/passkeys', { registration, credential, name: 'x' });

  async function begin({ call }: Employee) {
    return (await call('POST', '/users/me/passkeys/registrations')).body;
  }

  it('is refused where anything about it is wrong', async () => {
    const one = await hire(server);
    const deviations: Deviation[] = [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { challenge: 'c29tZXRoaW5nIGVsc2U' },
      { type: 'webauthn.get' },
      { isVerified: false },
    ];
    for (const deviation of deviations) {
      const { options, registration } = await begin(one);
      const credential = createAuthenticator(issuer).create(options, deviation);
      assert.equal((await add(one.call, registration, credential)).status, 422, JSON.stringify(deviation));
    }
    assert.deepEqual((await one.call('GET', '/users/me/passkeys')).body.items, []);
  });

  it('is taken once, in the session that began it, and is nobody’s already', async () => {
    const [one, other] = await Promise.all([hire(server), hire(server)]);
    const { options, registration } = await begin(one);
    const key = createAuthenticator(issuer);
    const credential = key.create(options);
    assert.equal((await add(other.call, registration, credential)).status, 409);
    const both = await Promise.all([
      add(one.call, registration, credential),
      add(one.call, registration, credential),
    ]);
    const statuses = both.map(({ status }) => status).sort();
    // Who comes second has the id of a session that has another one.
    assert.ok(statuses[0] === 201 && [401, 409].includes(statuses[1] ?? 0), `${statuses}`);
    const [{ id }] = (await one.call('GET', '/users/me/passkeys')).body.items;
    await one.call('DELETE', `/users/me/passkeys/${id}`);
    assert.equal((await add(one.call, registration, credential)).status, 409);
    const fresh = await begin(one);
    assert.equal((await add(one.call, fresh.registration, key.create(fresh.options))).status, 201);
    const again = await begin(other);
    assert.equal((await add(other.call, again.registration, key.create(again.options))).status, 409);
  });

  it('that is the last way in of its person cannot be removed', async () => {
    const one = await hire(server);
    const [{ id }, { id: other }] = [await addPasskeyOf(server, one), await addPasskeyOf(server, one)];
    await server.db.query(
      sql`update users set password_hash = null, password_changed_at = null where id = ${one.id}::uuid`,
    );
    assert.equal((await one.call('DELETE', `/users/me/passkeys/${id}`)).status, 204);
    assert.equal((await one.call('DELETE', `/users/me/passkeys/${other}`)).status, 409);
    await one.person.open('/account/security');
    const page = await one.person.submit('/account/security/passkeys/remove', { id: other });
    assert.deepEqual([page.status, /You could sign in no more/.test(page.html)], [400, true]);
    assert.equal((await one.call('GET', '/users/me/passkeys')).body.items.length, 1);
  });

  it('of somebody else can be neither renamed nor removed', async () => {
    const [one, other] = await Promise.all([hire(server), hire(server)]);
    const { id } = await addPasskeyOf(server, one);
    assert.equal((await other.call('PATCH', `/users/me/passkeys/${id}`, { name: 'x' })).status, 404);
    assert.equal((await other.call('DELETE', `/users/me/passkeys/${id}`)).status, 404);
    assert.equal((await one.call('GET', '/users/me/passkeys')).body.items.length, 1);
  });
});
