import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPerson, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let person: Person;
before(async () => {
  server = await startServer({});
  person = createPerson(server.issuer);
});
after(() => server.stop());

describe('the account page of a mock-API cloud', () => {
  it('is where a person finds their key, signed in first, and it works in both of its headers', async () => {
    const asked = await person.open('/account/tokens');
    assert.ok(asked.url.endsWith('/sign-in'));
    const list = await person.submit('/sign-in', {
      email: 'demo@example.com',
      password: 'correct horse battery staple',
    });
    assert.ok(list.url.endsWith('/account/tokens'), 'the page that was asked for');
    await person.open('/account/tokens/new');
    const permission = 'https://api.example.com read';
    const page = await person.submit('/account/tokens', { name: 'My key', permission });
    const key = /<code id="value">([^<]+)<\/code>/.exec(page.html)?.[1] ?? '';
    const status = async (authorization: string) =>
      (await fetch(`${server.issuer}/api/v1/users/me`, { headers: { authorization } })).status;
    assert.equal(await status(`Token ${key}`), 200);
    assert.equal(await status(`Basic ${Buffer.from(`demo@example.com:${key}`).toString('base64')}`), 200);
  });

  it('shows where the key was used last, and never the key again', async () => {
    const { html } = await person.open('/account/tokens');
    assert.match(html, /My key/);
    assert.doesNotMatch(html, /pst_api_/);
    const one = /href="(\/account\/tokens\/[0-9a-f-]{36})"/.exec(html)?.[1] ?? '';
    assert.doesNotMatch((await person.open(one)).html, /pst_api_/);
  });
});
