import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson, hiddenField, type Page, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ path: '/auth' });
  await addAccount(server.db, ada);
});
after(() => server?.stop());

function languageOf({ html }: Page): string | undefined {
  return /<html lang="([^"]+)">/.exec(html)?.[1];
}

/** Presses a language on the page that is open. */
async function choose(person: Person, page: Page, language: string, referer = page.url): Promise<Page> {
  return await person.send('/language', { csrf: hiddenField(page, 'csrf'), language }, { referer });
}

describe('a page', () => {
  for (const [asked, spoken] of [
    ['de', 'de'],
    ['de-AT', 'de'],
    ['de-CH, en;q=0.5', 'de'],
    ['en;q=0.4, de;q=0.8', 'de'],
    ['fr, de;q=0.1', 'de'],
    ['en-GB, de;q=0.9', 'en'],
    ['fr', 'en'],
    ['*', 'en'],
    ['de;q=0', 'en'],
    ['', 'en'],
    [`${'x'.repeat(2000)};;q=,,`, 'en'],
  ] as const) {
    it(`is in ${spoken} for who accepts "${asked.slice(0, 30)}"`, async () => {
      const person = createPerson(server.issuer, { 'accept-language': asked });
      for (const path of ['/device', '/nowhere']) {
        assert.equal(languageOf(await person.open(path)), spoken, path);
        assert.match(person.hops.at(-1)?.headers.get('vary') ?? '', /Accept-Language/);
      }
    });
  }
});

describe('the choice of a language', () => {
  it('counts from then on, more than what the browser asks for, and leads back to the page', async () => {
    const person = createPerson(server.issuer, { 'accept-language': 'de' });
    const chosen = await choose(person, await person.open('/device?user_code=WDJB-MJHT'), 'en');
    assert.equal(chosen.url, `${server.issuer}/device?user_code=WDJB-MJHT`);
    assert.equal(languageOf(chosen), 'en');
    assert.equal(languageOf(await person.open('/sign-in')), 'en');
    assert.equal(languageOf(await person.open('/nowhere')), 'en');
  });

  it('leads from an answer of an identity provider, which counts once, to the sign-in', async () => {
    const person = createPerson(server.issuer);
    const failed = await person.open('/sign-in/callback/acme?code=x&state=y');
    const chosen = await choose(person, failed, 'de');
    assert.deepEqual([chosen.url, chosen.status], [`${server.issuer}/sign-in`, 200]);
    assert.equal(languageOf(chosen), 'de');
  });

  it('is offered on the page about an error, to a browser that has a form token', async () => {
    const person = createPerson(server.issuer);
    assert.doesNotMatch((await person.open('/nowhere')).html, /<form/);
    await person.open('/device');
    const chosen = await choose(person, await person.open('/nowhere'), 'de');
    assert.equal(chosen.url, `${server.issuer}/`);
    assert.equal(languageOf(chosen), 'de');
  });

  it('leads to no page but our own that can be asked for with GET', async () => {
    const person = createPerson(server.issuer);
    const page = await person.open('/device');
    const { origin } = new URL(server.issuer);
    for (const referer of [
      'https://evil.example/auth/device',
      `${origin}.evil.example/auth/device`,
      `${origin}//evil.example/auth/device`,
      `${origin}/auth//evil.example`,
      `${origin}/authentic`,
      `${origin}/auth/sign-out`,
      `${origin}/auth/language`,
      `${origin}/auth/oauth/jwks`,
      `${origin}/auth/assets/favicon.svg`,
      `${origin}/ready`,
      'not an address',
      '',
    ]) {
      assert.equal((await choose(person, page, 'de', referer)).url, `${server.issuer}/`, referer);
    }
  });

  it('follows a person to another browser, where nothing else was chosen', async () => {
    const person = createPerson(server.issuer);
    await choose(person, await person.signIn(ada), 'de');

    const elsewhere = createPerson(server.issuer);
    assert.equal(languageOf(await elsewhere.open('/sign-in')), 'en');
    assert.equal(languageOf(await elsewhere.signIn(ada)), 'de');
    assert.equal(languageOf(await elsewhere.send('/device', { csrf: 'wrong' })), 'de');

    const decided = createPerson(server.issuer);
    await choose(decided, await decided.open('/device'), 'en');
    assert.equal(languageOf(await decided.signIn(ada)), 'en');
  });

  it('is not taken from a stranger’s page, nor for a language that there is not', async () => {
    const person = createPerson(server.issuer);
    const page = await person.signIn(ada);
    await server.db.query(sql`update users set language = null`);
    const csrf = hiddenField(page, 'csrf');
    assert.equal((await person.send('/language', { language: 'de' })).status, 403);
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    assert.equal((await person.send('/language', { csrf, language: 'de' }, foreign)).status, 403);
    for (const language of ['fr', 'constructor', '__proto__', '', 'de\r\nSet-Cookie: a=b'])
      assert.equal((await person.send('/language', { csrf, language })).status, 400, language);
    assert.equal((await person.send('/language', { csrf })).status, 400);
    assert.deepEqual(
      [...person.cookies.keys()].filter((name) => name.endsWith('language')),
      [],
    );
    const [row] = await server.db.query<{ chosen: number }>(
      sql`select count(language)::int as chosen from users`,
    );
    assert.equal(row?.chosen, 0);
    assert.equal(languageOf(await person.open('/device')), 'en');
  });

  it('of a later version is passed over', async () => {
    await server.db.query(sql`update users set language = 'pt-BR'`);
    assert.equal(languageOf(await createPerson(server.issuer).signIn(ada)), 'en');
  });
});

describe('the management API, where its scopes are shown to people', () => {
  it('speaks the language of the reader, and to who decides on a device too', async () => {
    const own = `${server.issuer}/api`;
    const person = createPerson(server.issuer, { 'accept-language': 'de' });
    await person.signIn();
    for (const place of [
      '/account/tokens/new',
      '/account/get-token',
      '/admin/policies',
      '/admin/resources',
      `/admin/resources/${encodeURIComponent(own)}`,
    ]) {
      const { html, status } = await person.open(place);
      assert.equal(status, 200, place);
      assert.match(html, />Ihr Konto</, place);
      assert.doesNotMatch(html, /Your account|See the organization/, place);
    }
    const { body } = await requestDevice(server.issuer, {
      resource: own,
      scope: 'tokens:read organization:read',
    });
    const { html } = await person.enterCode(body.user_code);
    assert.match(html, /Ihre Tokens und die gemeinsamen sehen/);
    assert.match(html, /Die Organisation sehen/);
    assert.doesNotMatch(html, /Your account|See the organization/);
  });

  it('leaves the words of other APIs as their operators have written them', async () => {
    const person = createPerson(server.issuer, { 'accept-language': 'de' });
    await person.signIn();
    assert.match((await person.open('/account/tokens/new')).html, /See your data/);
  });
});
