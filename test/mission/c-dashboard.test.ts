import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({});
});
after(() => server.stop());

describe('the dashboard of a plain API with keys', () => {
  it('makes a key, lists it, and revokes it: dead at once', async () => {
    const person = createPerson(server.issuer);
    await person.signIn();
    await person.open('/account/tokens/new');
    const permission = 'https://api.example.com read';
    const page = await person.submit('/account/tokens', { name: 'Billing job', permission });
    const key = /<code id="value">([^<]+)<\/code>/.exec(page.html)?.[1] ?? '';
    const status = async () => {
      const headers = { authorization: `Bearer ${key}` };
      return (await fetch(`${server.issuer}/api/v1/users/me`, { headers })).status;
    };
    assert.equal(await status(), 200);

    const { html } = await person.open('/account/tokens');
    assert.match(html, /Billing job/);
    const one = /href="(\/account\/tokens\/[0-9a-f-]{36})"/.exec(html)?.[1] ?? '';
    assert.match((await person.open(`${one}/remove`)).html, /stops working at once/);
    const left = await person.submit(`${one}/remove`, {});
    assert.doesNotMatch(left.html, /Billing job/);
    assert.equal(await status(), 401);
  });
});
