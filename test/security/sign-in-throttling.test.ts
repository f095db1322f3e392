import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { policies } from '../../src/limits/policy.ts';
import { sql } from '../../src/postgres/sql.ts';
import { ada, addAccount, createPerson, hiddenField, type Page, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' } });
  await addAccount(server.db, ada);
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

const from = (address: string) => createPerson(server.issuer, { 'x-forwarded-for': address });
const perAddress = policies.sign_in_by_account_and_address.failures;
const isIn = ({ url, status }: Page) => status === 200 && url.endsWith('/account');

async function fail(person: Person, email = ada.email): Promise<Page> {
  await person.open('/sign-in');
  return await person.submit('/sign-in', { email, password: 'not the password at all' });
}

/** Makes a counter look like after so many failures. */
async function spend(policy: keyof typeof policies): Promise<void> {
  const spent = await server.db.query(sql`
    update rate_limits set points = ${policies[policy].failures} where key like ${`${policy}:%`} returning 1`);
  assert.notEqual(spent.length, 0);
}

describe('guessing the password of one account', () => {
  it('ends after ten tries from one address, even for the right password, and says for how long', async () => {
    for (let count = 0; count < perAddress; count += 1) {
      assert.equal((await fail(from('192.0.2.1'))).status, 400);
    }
    const guesser = from('192.0.2.1');
    const page = await guesser.signIn(ada);
    assert.equal(page.status, 429);
    assert.match(page.html, /Too many tries/);
    const seconds = Number(guesser.hops.at(-1)?.headers.get('retry-after'));
    assert.ok(seconds > 0 && seconds <= policies.sign_in_by_account_and_address.seconds, String(seconds));
    assert.equal(guesser.cookies.has('postern-session'), false);
  });

  it('is not made easier by spelling the account in other ways', async () => {
    const spellings = [ada.email, ada.email.toUpperCase(), ` ${ada.email} `, 'Ada@Example.com'];
    for (let count = 0; count < perAddress; count += 1) {
      assert.equal((await fail(from('192.0.2.1'), spellings[count % spellings.length])).status, 400);
    }
    for (const email of spellings) assert.equal((await fail(from('192.0.2.1'), email)).status, 429);
  });

  it('cannot get ahead of its limit with tries at the same time', async () => {
    const person = from('192.0.2.1');
    const csrf = hiddenField(await person.open('/sign-in'), 'csrf');
    const attempt = { csrf, email: ada.email, password: 'not the password at all' };
    const pages = await Promise.all(Array.from({ length: 30 }, () => person.send('/sign-in', attempt)));
    assert.equal(pages.filter(({ status }) => status === 400).length, perAddress);
  });

  it('counts all addresses of one IPv6 household as one', async () => {
    for (let count = 0; count < perAddress; count += 1) {
      assert.equal((await fail(from(`2001:db8:1:${count}::${count}`))).status, 400);
    }
    assert.equal((await fail(from('2001:db8:1:ff::1'))).status, 429);
    assert.equal((await fail(from('2001:db8:1:100::1'))).status, 400);
  });

  it('ends for all strangers when it comes from very many addresses', async () => {
    await fail(from('192.0.2.1'));
    await spend('sign_in_by_account');
    assert.equal((await from('198.51.100.1').signIn(ada)).status, 429);
    assert.ok(isIn(await from('198.51.100.1').signIn(demoUser)));
  });

  it('never locks its owner out of the browser in which she has signed in before', async () => {
    const owner = from('192.0.2.1');
    assert.ok(isIn(await owner.signIn(ada)));
    await owner.submit('/sign-out', {});
    await fail(from('192.0.2.1'));
    for (const policy of [
      'sign_in_by_account_and_address',
      'sign_in_by_address',
      'sign_in_by_account',
    ] as const)
      await spend(policy);
    assert.equal((await from('192.0.2.1').signIn(ada)).status, 429);
    assert.ok(isIn(await owner.signIn(ada)));
  });

  it('ends in a known browser too', async () => {
    const thief = createPerson(server.issuer);
    await thief.signIn(ada);
    await thief.submit('/sign-out', {});
    for (let count = 0; count < policies.sign_in_by_account_and_browser.failures; count += 1) {
      assert.equal((await fail(thief)).status, 400);
    }
    assert.equal((await thief.signIn(ada)).status, 429);
  });

  it('is not helped by a browser that is known for another account, or that only claims to be known', async () => {
    const known = from('192.0.2.1');
    await known.signIn(demoUser);
    await known.submit('/sign-out', {});
    for (let count = 0; count < perAddress; count += 1) await fail(known);
    assert.equal((await known.signIn(ada)).status, 429);
    const liar = from('192.0.2.1');
    liar.cookies.set(
      'postern-browser',
      Buffer.from(JSON.stringify({ userIds: [ada.email] })).toString('base64url'),
    );
    assert.equal((await liar.signIn(ada)).status, 429);
  });
});

describe('an office behind one address', () => {
  it('is not locked out by one person who forgets a password, or guesses one', async () => {
    for (let count = 0; count <= perAddress; count += 1) await fail(from('192.0.2.1'));
    assert.ok(isIn(await from('192.0.2.1').signIn(demoUser)));
  });

  it('is not what an owner away from it is throttled for', async () => {
    for (let count = 0; count <= perAddress; count += 1) await fail(from('192.0.2.1'));
    assert.ok(isIn(await from('198.51.100.1').signIn(ada)));
  });

  it('may sign in as often as it likes: what succeeds is not counted', async () => {
    for (let count = 0; count <= perAddress; count += 1) {
      await fail(from('192.0.2.1'));
      assert.ok(isIn(await from('192.0.2.1').signIn(ada)));
    }
    const [counted] = await server.db.query<{ points: number }>(
      sql`select points from rate_limits where key like 'sign_in_by_address:%'`,
    );
    assert.equal(counted?.points, perAddress + 1);
  });
});

describe('one password tried on many accounts', () => {
  it('ends for the address that it comes from', async () => {
    await fail(from('192.0.2.1'), 'somebody@example.com');
    await spend('sign_in_by_address');
    assert.equal((await fail(from('192.0.2.1'), 'somebody.else@example.com')).status, 429);
    assert.equal((await fail(from('198.51.100.1'), 'somebody.else@example.com')).status, 400);
  });
});
