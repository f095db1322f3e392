import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import {
  leaveFor,
  registerProvider,
  signInAt,
  startIdentityProvider,
  type TestProvider,
} from '../support/identity-provider.ts';
import { type Lie, type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import { createPerson, type Page, type Person } from '../support/person.ts';
import { ageSessions } from '../support/second-factor.ts';
import { startServer, type TestServer } from '../support/server.ts';

const domains = ['herons.example'];
const now = () => Math.floor(Date.now() / 1000);

let server: TestServer;
let provider: TestProvider;
let liar: LyingProvider;
before(async () => {
  server = await startServer();
  provider = await startIdentityProvider([`${server.issuer}/sign-in/callback/acme`]);
  liar = await startLyingProvider();
  await registerProvider(server, provider, { domains });
  await registerProvider(server, liar, { id: 'liar', name: 'Liar', domains: ['evil.example'] });
});
afterEach(() => {
  liar.lie = {};
});
after(async () => {
  await Promise.all([provider.stop(), liar.stop()]);
  await server.stop();
});

type Session = { user_id: string; signed_in_ago: number; factor_ago: number | null };

/** The session of a browser: its id, and how many seconds ago its person has proven what. */
async function sessionOf(person: Person): Promise<Session & { id: string }> {
  const id = person.cookies.get('postern-session') ?? '';
  const [row] = await server.db.query<Session>(sql`
    select user_id, extract(epoch from now() - authenticated_at)::float8 as signed_in_ago,
      extract(epoch from now() - second_factor_at)::float8 as factor_ago
    from sessions where id_digest = sha256(${id}::text::bytea)`);
  assert.ok(row, 'somebody is signed in');
  return { ...row, id };
}

/** Somebody new signs in at Acme with two factors, and does nothing for eleven minutes. */
async function startLongAgo(sub: string): Promise<Person> {
  provider.person = person(sub);
  const browser = createPerson(server.issuer);
  assert.ok((await signInAt(browser, 'acme')).url.endsWith('/account'));
  await ageSessions(server, (await sessionOf(browser)).user_id);
  return browser;
}

const person = (sub: string, amr = ['pwd', 'otp', 'mfa']) => ({
  sub,
  amr,
  email: `${sub}@herons.example`,
  email_verified: true,
});

/** Wants an authenticator app, which takes that it is still them, and is sent away to their provider. */
async function goAgain(browser: Person): Promise<URL> {
  await browser.open('/account/security/totp');
  await browser.submit('/step-up/provider', {});
  const [, url = ''] = /^0;url=(.*)$/.exec(browser.hops.at(-1)?.headers.get('refresh') ?? '') ?? [];
  assert.ok(URL.canParse(url), 'they are sent away');
  return new URL(url);
}

async function stepUp(browser: Person): Promise<Page> {
  return await browser.goTo((await goAgain(browser)).href);
}

describe('a second factor at an identity provider', () => {
  const cases: [what: string, claims: () => Lie['claims'], ago: number | null][] = [
    ['is as old as the provider says', () => ({ auth_time: now() - 7200 }), 7200],
    ['is not of the time to come', () => ({ auth_time: now() + 7200 }), 0],
    ['is none of late where the provider says no time', () => ({}), null],
  ];
  for (const [what, claims, ago] of cases) {
    it(what, async () => {
      liar.lie = { claims: { amr: ['mfa'], ...claims() } };
      const browser = createPerson(server.issuer);
      await signInAt(browser, 'liar');
      const { factor_ago } = await sessionOf(browser);
      if (ago === null) return assert.equal(factor_ago, null);
      assert.ok(factor_ago !== null && factor_ago >= ago && factor_ago < ago + 300, String(factor_ago));
    });
  }
});

describe('a sign-in at the identity provider once more', () => {
  it('is asked for anew, and renews the session under another id', async () => {
    const browser = await startLongAgo('grey');
    const before = await sessionOf(browser);
    const url = await goAgain(browser);
    assert.deepEqual([url.searchParams.get('max_age'), url.searchParams.get('prompt')], ['600', 'login']);
    const back = await browser.goTo(url.href);
    assert.ok(back.url.endsWith('/account/security/totp'), back.html);
    const after = await sessionOf(browser);
    assert.notEqual(after.id, before.id);
    assert.equal(after.user_id, before.user_id);
    assert.ok(after.signed_in_ago < 300 && after.factor_ago !== null && after.factor_ago < 300);
  });

  it('renews nothing that was not proven there: a second factor is asked for still', async () => {
    const browser = await startLongAgo('white');
    provider.person = person('white', ['pwd']);
    assert.ok((await stepUp(browser)).url.endsWith('/account/security/totp'));
    const { signed_in_ago, factor_ago } = await sessionOf(browser);
    assert.ok(signed_in_ago < 300 && factor_ago !== null && factor_ago > 600);
    await browser.open('/step-up');
    await browser.submit('/step-up/provider', {});
    const url = /^0;url=(.*)$/.exec(browser.hops.at(-1)?.headers.get('refresh') ?? '')?.[1] ?? '';
    const again = await browser.goTo(url);
    assert.deepEqual([again.status, /but with no second factor/.test(again.html)], [400, true], again.html);
  });

  it('of another person counts for nothing', async () => {
    const browser = await startLongAgo('blue');
    const before = await sessionOf(browser);
    for (const sub of ['night', 'grey']) {
      provider.person = person(sub);
      forgetThere(browser);
      const page = await stepUp(browser);
      assert.deepEqual(
        [page.status, /Somebody else has signed in there/.test(page.html)],
        [400, true],
        page.html,
      );
    }
    const after = await sessionOf(browser);
    assert.deepEqual([after.id, after.user_id], [before.id, before.user_id]);
    assert.ok(after.factor_ago !== null && after.factor_ago > 600 && after.signed_in_ago > 600);
    const people = await server.db.query(sql`select from users where email = 'night@herons.example'`);
    assert.equal(people.length, 0, 'nobody gets an account by it');
  });

  it('that was stopped there changes nothing', async () => {
    const browser = await startLongAgo('purple');
    const before = await sessionOf(browser);
    provider.person = undefined;
    const page = await stepUp(browser);
    assert.deepEqual([page.status, /was stopped/.test(page.html)], [400, true], page.html);
    assert.equal((await sessionOf(browser)).id, before.id);
  });

  const lies: Record<string, () => Lie['claims']> = {
    'of hours ago': () => ({ auth_time: now() - 7200 }),
    'of an unknown time': () => ({}),
    'of a time that is no number': () => ({ auth_time: String(now()) }),
  };
  for (const [what, claims] of Object.entries(lies)) {
    it(`${what} counts for nothing`, async () => {
      liar.lie = { claims: { auth_time: now() } };
      const browser = createPerson(server.issuer);
      await signInAt(browser, 'liar');
      const before = await sessionOf(browser);
      await ageSessions(server, before.user_id);
      liar.lie = { claims: { amr: ['mfa'], ...claims() } };
      const page = await stepUp(browser);
      assert.deepEqual([page.status, /does not say for certain/.test(page.html)], [400, true], page.html);
      const after = await sessionOf(browser);
      assert.deepEqual([after.id, after.factor_ago], [before.id, null]);
      assert.ok(after.signed_in_ago > 600);
    });
  }

  it('is nobody’s answer who has signed in anew meanwhile', async () => {
    const browser = await startLongAgo('green');
    const url = await goAgain(browser);
    const back = await answerTo(url);
    await browser.open('/account');
    await browser.submit('/sign-out', {});
    provider.person = person('brown');
    await signInAt(browser, 'acme');
    const { id } = await sessionOf(browser);
    assert.match((await browser.goTo(back)).html, /This sign-in is over/);
    assert.equal((await sessionOf(browser)).id, id);
  });

  it('is no way in for who is not signed in', async () => {
    const browser = createPerson(server.issuer);
    const url = await leaveFor(browser, 'acme');
    assert.equal(url.searchParams.get('max_age'), null);
    const sent = await browser.send('/step-up/provider', {});
    assert.equal(sent.status, 403);
  });
});

/** The provider knows nobody in the browser any more. */
function forgetThere({ cookies }: Person): void {
  for (const name of [...cookies.keys()]) if (name.startsWith('_session')) cookies.delete(name);
}

/** What the provider answers to whoever is sent there, before anybody has brought it back. */
async function answerTo(url: URL): Promise<string> {
  const courier = createPerson(server.issuer);
  await courier.goTo(url.href);
  const answer = courier.hops.findLast((hop) => hop.url.includes('/sign-in/callback/'));
  assert.ok(answer);
  return answer.url;
}
