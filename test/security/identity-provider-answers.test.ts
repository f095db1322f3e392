import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { sql } from '../../src/postgres/sql.ts';
import { leaveFor, registerProvider, signInAt } from '../support/identity-provider.ts';
import { type Lie, type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import { createPerson, type Page } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let liar: LyingProvider;
let honest: LyingProvider;
before(async () => {
  server = await startServer();
  [liar, honest] = [await startLyingProvider(), await startLyingProvider()];
  const domains = ['evil.example'];
  await registerProvider(server, liar, { id: 'liar', name: 'Liar', domains });
  await registerProvider(server, honest, { id: 'honest', name: 'Honest' });
});
afterEach(() => {
  liar.lie = {};
});
after(async () => {
  await Promise.all([liar.stop(), honest.stop()]);
  await server.stop();
});

const isSignedIn = ({ url }: Page) => url.endsWith('/account');
const now = () => Math.floor(Date.now() / 1000);

async function countPeople(): Promise<number> {
  const [row] = await server.db.query<{ count: number }>(sql`select count(*)::int as count from users`);
  return row?.count ?? 0;
}

describe('an answer of an identity provider', () => {
  it('lets in when it is as it must be', async () => {
    assert.ok(isSignedIn(await signInAt(createPerson(server.issuer), 'liar')));
    assert.ok(liar.tokenRequests.at(-1)?.get('code_verifier'));
  });

  const otherKey = async (claims: JWTPayload) => {
    const { privateKey } = await generateKeyPair('ES256');
    return await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(privateKey);
  };
  const withSecret = (claims: JWTPayload) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(liar.client.secret));
  const lies: Record<string, Lie | (() => Lie)> = {
    'another nonce': { claims: { nonce: 'another' } },
    'no nonce': { claims: { nonce: undefined } },
    'another audience': { claims: { aud: 'somebody-else' } },
    'a second audience without azp': { claims: { aud: ['postern', 'somebody-else'] } },
    'another azp': { claims: { aud: ['postern', 'somebody-else'], azp: 'somebody-else' } },
    'another issuer': { claims: { iss: 'https://accounts.example.com' } },
    'no subject': { claims: { sub: undefined } },
    'its end behind it': () => ({ claims: { iat: now() - 900, exp: now() - 600 } }),
    'no end': { claims: { exp: undefined } },
    'the signature of another key': { forge: otherKey },
    'no signature': { forge: (claims) => new UnsecuredJWT(claims).encode() },
    'a signature made with the client secret': { forge: withSecret },
    'another issuer beside the code': { iss: 'https://accounts.example.com' },
    'no issuer beside the code': { iss: null },
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`with ${what} signs nobody in`, async () => {
      const people = await countPeople();
      liar.lie = typeof lie === 'function' ? lie() : lie;
      const person = createPerson(server.issuer);
      const page = await signInAt(person, 'liar');
      assert.deepEqual([page.status, /cannot be trusted/.test(page.html)], [400, true], page.html);
      assert.ok(!person.cookies.has('postern-session'));
      assert.equal(await countPeople(), people);
    });
  }

  it('counts once, and never again in any browser', async () => {
    const person = createPerson(server.issuer);
    const url = await leaveFor(person, 'liar');
    const kept = new Map(person.cookies);
    await person.goTo(url.href);
    const answer = person.hops.map((hop) => hop.url).findLast((hop) => hop.includes('/sign-in/callback/'));
    const redeemed = liar.redeemed;
    assert.match((await person.goTo(answer ?? '')).html, /This sign-in is over/);
    const thief = createPerson(server.issuer);
    for (const [name, value] of kept) thief.cookies.set(name, value);
    assert.match((await thief.goTo(answer ?? '')).html, /This sign-in is over/);
    assert.equal(liar.redeemed, redeemed, 'the code was not even shown to the provider');
  });

  it('counts once of ten at the same time', async () => {
    const person = createPerson(server.issuer);
    const url = await leaveFor(person, 'liar');
    const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
    const redeemed = liar.redeemed;
    const twins = Array.from({ length: 10 }, () => {
      const twin = createPerson(server.issuer);
      for (const [name, value] of person.cookies) twin.cookies.set(name, value);
      return twin;
    });
    const pages = await Promise.all(twins.map((twin) => twin.goTo(back)));
    assert.equal(pages.filter(isSignedIn).length, 1);
    assert.equal(liar.redeemed, redeemed + 1);
  });

  it('counts only in the browser that was sent away: nobody is signed in as somebody else’s account', async () => {
    const attacker = createPerson(server.issuer);
    const url = await leaveFor(attacker, 'liar');
    const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
    const victim = createPerson(server.issuer);
    await victim.open('/sign-in');
    assert.match((await victim.goTo(back)).html, /This sign-in is over/);
    await leaveFor(victim, 'liar');
    assert.match((await victim.goTo(back)).html, /This sign-in is over/);
    assert.ok(!victim.cookies.has('postern-session'));
    // Nor is the attacker's own cookie worth anything beside another visit.
    const planted = attacker.cookies.get('postern-provider') ?? '';
    victim.cookies.set('postern-provider', planted);
    assert.match((await victim.goTo(back)).html, /This sign-in is over/);
  });

  it('counts at the provider that was asked alone', async () => {
    const person = createPerson(server.issuer);
    const url = await leaveFor(person, 'honest');
    // The answer of the liar, to a browser that was sent to the honest one, at either address.
    const mixed = new URL(`${server.issuer}/sign-in/callback/liar`);
    mixed.search = new URLSearchParams({
      code: 'a-code-of-the-honest-one',
      state: url.searchParams.get('state') ?? '',
      iss: liar.issuer,
    }).toString();
    const redeemed = liar.redeemed;
    assert.match((await person.goTo(mixed.href)).html, /This sign-in is over/);
    mixed.pathname = '/sign-in/callback/honest';
    assert.match((await person.goTo(mixed.href)).html, /cannot be trusted/);
    assert.deepEqual([liar.redeemed, honest.redeemed], [redeemed, 0]);
  });

  it('gives a session that nobody can have planted', async () => {
    const person = createPerson(server.issuer);
    const url = await leaveFor(person, 'liar');
    const visit = person.cookies.get('postern-visit');
    person.cookies.set('postern-session', 'a'.repeat(43));
    await person.goTo(url.href);
    assert.notEqual(person.cookies.get('postern-session'), 'a'.repeat(43));
    assert.notEqual(person.cookies.get('postern-visit'), visit);
  });

  it('leads to no other site, whatever the request says', async () => {
    const person = createPerson(server.issuer);
    await person.open('/sign-in?return_to=https://evil.example');
    const csrf = /name="csrf" value="([^"]+)"/.exec((await person.open('/sign-in')).html)?.[1] ?? '';
    const next = 'https://evil.example';
    await person.send('/sign-in/provider', {
      csrf,
      provider: 'liar',
      next,
      redirect_uri: next,
      issuer: next,
    });
    const refresh = person.hops.at(-1)?.headers.get('refresh') ?? '';
    assert.ok(refresh.startsWith(`0;url=${liar.issuer}/authorize?`));
    assert.doesNotMatch(refresh, /evil/);
  });

  it('is asked for with a form of ours alone', async () => {
    const person = createPerson(server.issuer);
    await person.open('/sign-in');
    assert.equal((await person.send('/sign-in/provider', { provider: 'liar' })).status, 403);
    assert.equal((await person.open('/sign-in/provider?provider=liar')).status, 405);
  });

  it('that would send the browser to something else than the web is not followed', async () => {
    const crooked = await startLyingProvider();
    crooked.lie = { metadata: { authorization_endpoint: 'javascript:alert(1)' } };
    await registerProvider(server, crooked, { id: 'crooked', name: 'Crooked' });
    const person = createPerson(server.issuer);
    await person.open('/sign-in');
    const page = await person.submit('/sign-in/provider', { provider: 'crooked' });
    await crooked.stop();
    assert.deepEqual([page.status, person.hops.at(-1)?.headers.get('refresh')], [400, null]);
  });
});

describe('an identity provider that is down', () => {
  it('has a page that says so, while the others and passwords work', async () => {
    const down = await startLyingProvider();
    await down.stop();
    await registerProvider(server, down, { id: 'down', name: 'Down' });
    const person = createPerson(server.issuer);
    await person.open('/sign-in');
    const page = await person.submit('/sign-in/provider', { provider: 'down' });
    assert.deepEqual([page.status, /<bdi>Down<\/bdi> does not answer/.test(page.html)], [503, true]);
    assert.ok(isSignedIn(await signInAt(person, 'liar')));
    assert.ok(isSignedIn(await createPerson(server.issuer).signIn()));
  });
});

describe('an identity provider in a network that is not public', () => {
  it('is not asked in production, whatever its name leads to', async () => {
    const { createOutbound } = await import('../../src/federation/outbound.ts');
    const ask = createOutbound({ allowsPrivateNetworks: false, allowsLoopback: false });
    const [, port] = /:(\d+)$/.exec(liar.issuer) ?? [];
    const hosts = [
      'localhost',
      '127.0.0.1',
      '[::1]',
      '10.0.0.1',
      '169.254.169.254',
      '[fd00::1]',
      '[::ffff:127.0.0.1]',
    ];
    for (const host of hosts) {
      await assert.rejects(
        ask(`https://${host}:${port}/`, { method: 'GET', headers: {} }),
        /no public address/,
        host,
      );
      await assert.rejects(ask(`http://${host}:${port}/`, { method: 'GET', headers: {} }), /not https/, host);
    }
  });
});
