import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { poll, requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_SIGN_IN: 'none' } });
});
after(() => server.stop());

async function countSessions(): Promise<number> {
  const [row] = await server.db.query<{ count: number }>(sql`select count(*)::int as count from sessions`);
  return row?.count ?? 0;
}

/** A request with a header that `fetch` would not send. */
async function ask(
  headers: Record<string, string>,
  path = '/account',
): Promise<{ html: string; cookies: string[] }> {
  const sent = request(server.issuer + path, { headers }).end();
  const [answer] = await once(sent, 'response');
  return { html: await text(answer), cookies: answer.headers['set-cookie'] ?? [] };
}

describe('a server without sign-in', () => {
  it('signs every browser on this machine in as the one person there is', async () => {
    const person = createPerson(server.issuer);
    const page = await person.open('/sign-in');
    assert.ok(page.url.endsWith('/account'));
    assert.match(page.html, /Single-user mode/);
    assert.doesNotMatch(page.html, /Sign out/);
    const [session] = await server.db.query<{ email: string; amr: string[]; role: string; name: string }>(sql`
      select email, amr, role, organizations.name
      from sessions join users on users.id = sessions.user_id
        join members on members.user_id = users.id
        join organizations on organizations.id = members.organization_id`);
    assert.deepEqual(session, { email: 'local@localhost', amr: [], role: 'administrator', name: 'Local' });
  });

  it('lets a device in after a click, and not without', async () => {
    const person = createPerson(server.issuer);
    const { body } = await requestDevice(server.issuer);
    await person.open('/device');
    const page = await person.submit('/device', { user_code: body.user_code });
    assert.match(page.html, /Allow <bdi>Demo CLI<\/bdi>/);
    assert.equal((await poll(server.issuer, body.device_code)).body.error, 'authorization_pending');
    await person.decide('allow');
    await server.db.query(sql`update device_codes set last_polled_at = null`);
    assert.equal((await poll(server.issuer, body.device_code)).status, 200);
  });

  it('takes no form that is not one of its own pages’', async () => {
    const person = createPerson(server.issuer);
    await person.open('/device');
    assert.equal((await person.send('/device', { user_code: 'BCDF-GHJK' })).status, 403);
    const { html } = await person.open('/device');
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    assert.equal((await person.send('/device', { csrf, user_code: 'BCDF-GHJK' }, foreign)).status, 403);
  });

  it('signs nobody in under another name of this machine, however it was made to lead here', async () => {
    const before = await countSessions();
    const { host } = new URL(server.issuer);
    for (const name of [
      'evil.example',
      `evil.example:${new URL(server.issuer).port}`,
      `${host}.evil.example`,
    ]) {
      const { cookies } = await ask({ host: name });
      assert.ok(!cookies.some((cookie) => cookie.startsWith('postern-session')), name);
    }
    assert.equal(await countSessions(), before);
    await ask({ host });
    assert.equal(await countSessions(), before + 1);
  });

  it('begins no session for what another site embeds', async () => {
    const before = await countSessions();
    for (const destination of ['image', 'iframe', 'script', 'empty'])
      await ask({ 'sec-fetch-dest': destination });
    assert.equal(await countSessions(), before);
  });

  it('has no other way in', async () => {
    const person = createPerson(server.issuer);
    const { html } = await person.open('/device');
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    assert.equal((await person.send('/sign-in', { csrf, ...demoUser })).status, 405);
    assert.equal((await person.send('/sign-in/provider', { csrf, provider: 'acme' })).status, 404);
  });

  it('tells who comes under another name how to come', async () => {
    const { html } = await ask({ host: 'evil.example' }, '/sign-in');
    assert.match(html, /no sign-in/);
    assert.ok(html.includes(server.issuer));
  });

  it('ends with the mode', async () => {
    const person = createPerson(server.issuer);
    await person.open('/account');
    const accounts = await startServer({ databaseUrl: server.databaseUrl });
    const later = createPerson(accounts.issuer);
    for (const [name, value] of person.cookies) later.cookies.set(name, value);
    assert.ok((await later.open('/account')).url.endsWith('/sign-in'));
    await accounts.stop();
  });
});

describe('the setting that there is no sign-in', () => {
  const settings = { POSTERN_MODE: 'development', POSTERN_SIGN_IN: 'none' };
  const refusals: Record<string, Record<string, string>> = {
    'an issuer that is not on a loopback address': { POSTERN_ISSUER: 'https://login.example.com' },
    'an address to listen on that others reach': { POSTERN_HOST: '0.0.0.0' },
    'the address of every interface': { POSTERN_HOST: '::' },
    'trusted proxies': { POSTERN_TRUSTED_PROXIES: '127.0.0.1' },
  };
  for (const [what, more] of Object.entries(refusals)) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => loadConfig({ ...settings, ...more }), { code: 'configuration', message: /none/ });
    });
  }

  it('is taken with loopback addresses', () => {
    for (const host of ['127.0.0.1', '::1', 'localhost']) {
      assert.equal(loadConfig({ ...settings, POSTERN_HOST: host }).signIn, 'none');
    }
  });
});
