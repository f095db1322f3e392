import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { demoCli, demoResource, demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { poll, post, requestDevice } from '../support/client.ts';
import { ada, createPerson, type Page } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</title></h1><svg onload=alert(1)>',
  '&#60;b&#62;\u202egnp.exe',
];

/** A page's tags with the names of their attributes, without any text. */
function skeleton({ html }: Page): string {
  return html.replace(/"[^"]*"/g, '""').replace(/>[^<]*</g, '><');
}

/** As a page must show it. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

describe('markup', () => {
  afterEach(() =>
    server.db.query(sql`
      with names as (update clients set name = 'Demo CLI', publisher = null where id = ${demoCli.id}),
        scopes as (update resource_scopes set description = scope where resource = ${demoResource.uri})
      update resources set name = ${demoResource.name} where uri = ${demoResource.uri}`),
  );

  it('in the name of a client, its publisher, an API and a scope is text on every page', async () => {
    const shapes = new Set<string>();
    // Later the page does not say that its person has never allowed the program before.
    const before = createPerson(server.issuer);
    await before.enterCode((await requestDevice(server.issuer)).body.user_code);
    await before.decide('allow');
    for (const text of ['Plain', ...hostile]) {
      // A server that has not seen the client yet: what it knows of clients it may keep for a moment.
      await server.db.query(sql`
        with names as (update clients set name = ${text}, publisher = ${text} where id = ${demoCli.id}),
          scopes as (update resource_scopes set description = ${text} where resource = ${demoResource.uri})
        update resources set name = ${text} where uri = ${demoResource.uri}`);
      const fresh = await startServer({ databaseUrl: server.databaseUrl });
      try {
        const person = createPerson(fresh.issuer);
        const confirmation = await person.enterCode((await requestDevice(fresh.issuer)).body.user_code);
        const outcome = await person.decide('allow');
        shapes.add(skeleton(confirmation) + skeleton(outcome));
        const shown = confirmation.html.split(escaped(text)).length - 1;
        assert.equal(shown, 6, `title, heading, publisher, API and two scopes: ${text}`);
        assert.ok(outcome.html.includes(escaped(text)));
      } finally {
        await fresh.stop();
      }
    }
    assert.equal(shapes.size, 1);
  });

  it('in a typed or linked code is text in the field', async () => {
    const person = createPerson(server.issuer);
    const shape = skeleton(await person.open('/device?user_code=Plain'));
    for (const text of hostile) {
      const linked = await person.open(`/device?user_code=${encodeURIComponent(text)}`);
      assert.equal(skeleton(linked), shape);
      assert.ok(linked.html.includes(`value="${escaped(text)}"`), text);
    }
    await server.db.query(sql`delete from rate_limits`);
    const typedShapes = new Set<string>();
    for (const text of ['Plain', ...hostile].slice(0, 5)) {
      await person.open('/device');
      typedShapes.add(skeleton(await person.submit('/device', { user_code: text })));
    }
    assert.equal(typedShapes.size, 1);
  });

  it('in an email address is text in the field', async () => {
    const person = createPerson(server.issuer);
    const shapes = new Set<string>();
    for (const text of ['plain', ...hostile]) {
      await person.open('/sign-in');
      const page = await person.submit('/sign-in', { email: text, password: ada.password });
      shapes.add(skeleton(page));
      assert.ok(page.html.includes(`value="${escaped(text)}"`), text);
    }
    assert.equal(shapes.size, 1);
  });

  it('in what a device says about itself does not reach the person who approves', async () => {
    const shapes = new Set<string>();
    for (const text of ['Plain', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>']) {
      const { body: device } = await post(
        `${server.issuer}/oauth/device_authorization`,
        { client_id: demoCli.id },
        { headers: { 'user-agent': text, 'x-forwarded-for': text } },
      );
      const page = await createPerson(server.issuer).enterCode(device.user_code);
      assert.doesNotMatch(page.html, /alert/);
      shapes.add(skeleton(page));
    }
    assert.equal(shapes.size, 1);
  });

  it('in a scope is refused before there is a code', async () => {
    for (const text of hostile) {
      const { status, body, headers } = await requestDevice(server.issuer, { scope: text });
      assert.deepEqual([status, body.error], [400, 'invalid_scope'], text);
      assert.match(headers.get('content-type') ?? '', /^application\/json/);
    }
  });

  it('in an address is not on the page that says there is no such page', async () => {
    const person = createPerson(server.issuer);
    for (const text of hostile) {
      const page = await person.open(`/${encodeURIComponent(text)}?${encodeURIComponent(text)}`);
      assert.equal(page.status, 404);
      assert.doesNotMatch(page.html, /alert|onerror/);
    }
    assert.equal((await person.send('/device', { csrf: hostile[0] ?? '' })).status, 403);
  });

  it('in a client id or a code of a poll comes back as JSON only', async () => {
    const answer = await poll(server.issuer, hostile[0] ?? '', { client_id: hostile[1] ?? '' });
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    assert.doesNotMatch(JSON.stringify(answer.body), /alert/);
  });
});

describe('the content security policy', () => {
  it('allows no script but our own files, no style but that of all and no plugin, on every page and every error', async () => {
    const person = createPerson(server.issuer);
    await person.enterCode((await requestDevice(server.issuer)).body.user_code);
    await person.decide('deny');
    await person.open('/nowhere');
    await person.send('/sign-in', demoUser);
    assert.ok(person.hops.length > 6);
    for (const { url, headers } of person.hops) {
      const policy = (headers.get('content-security-policy') ?? '').split('; ');
      assert.ok(policy.includes("default-src 'none'"), url);
      assert.ok(policy.includes("base-uri 'none'"), url);
      assert.ok(policy.includes("form-action 'self'"), url);
      assert.match(
        policy.find((rule) => rule.startsWith('style-src')) ?? '',
        /^style-src 'sha256-[^' ]{44}'$/,
        url,
      );
      assert.doesNotMatch(policy.join(), /script-src (?!'self'(?:,|$))|object-src|unsafe|\*|https?:/, url);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', url);
    }
  });
});
