import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { requestDevice } from '../support/client.ts';
import { createPerson, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** Targets that browsers follow to another site, or into a script. */
const targets = [
  '//evil.example',
  '///evil.example/x',
  '/\\evil.example',
  '\\\\evil.example',
  '\\evil.example',
  '/\t/evil.example',
  'https://evil.example/device',
  'https:evil.example',
  'javascript:alert(1)',
  'JavaScript:alert(1)//',
  'data:text/html,<script>alert(1)</script>',
];

/** What other servers have called the place to go to afterwards. */
const names = ['next', 'return_to', 'returnTo', 'redirect', 'redirect_uri', 'continue', 'url', 'target'];

/** One request with a target and headers that fetch would not send. */
async function raw(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(server.issuer);
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    headers: Record<string, unknown>;
    html: string;
  }>();
  const asked = request({ hostname, port, path, method, headers: { accept: 'text/html', ...headers } });
  asked.on('error', reject).on('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        html: Buffer.concat(chunks).toString(),
      }),
    );
  });
  asked.end();
  return await promise;
}

describe('a target in a request', () => {
  it('never decides where a page leads or a form posts, in a query or in a form', async () => {
    for (const target of targets) {
      const wishes = Object.fromEntries(names.map((name) => [name, target]));
      const query = new URLSearchParams(wishes);
      const { user_code } = (await requestDevice(server.issuer)).body;
      const person = createPerson(server.issuer);
      for (const path of ['/', '/device', '/sign-in', '/signed-out']) await person.open(`${path}?${query}`);
      await person.open(`/device?${query}`);
      await person.submit('/device', { user_code, ...wishes });
      await person.submit('/sign-in', { ...demoUser, ...wishes });
      await person.open(`/device/confirm?${query}`);
      await person.submit('/device/confirm', { decision: 'allow', ...wishes });
      const last = await person.submit('/sign-out', wishes);
      assert.equal(new URL(last.url).pathname, '/signed-out');
      const locations = person.hops.map(({ headers }) => headers.get('location')).filter((to) => to !== null);
      assert.deepEqual(
        new Set(locations),
        new Set(['/sign-in', '/device/confirm', '/device/done', '/signed-out']),
      );
    }
  });

  it('is in no link, no form and no script of a page that it was sent to', async () => {
    const person = createPerson(server.issuer);
    for (const target of targets) {
      for (const name of ['user_code', 'email', ...names]) {
        const query = new URLSearchParams({ [name]: target });
        for (const path of ['/device', '/sign-in', '/signed-out', '/nowhere']) {
          const { html } = await person.open(`${path}?${query}`);
          const places = [...html.matchAll(/\s(?:href|action|src|content)="([^"]*)"/g)].map(
            ([, place]) => place,
          );
          assert.doesNotMatch(places.join(' '), /evil|alert/, `${path} ${name} ${target}`);
          assert.doesNotMatch(html, /http-equiv/);
        }
      }
    }
  });

  it('as the path itself is a page that does not exist, not a redirect', async () => {
    for (const path of [
      '//evil.example',
      '//evil.example/%2e%2e',
      '/%5cevil.example',
      '/\\evil.example',
      '/device/',
    ]) {
      const { status, headers } = await raw(path);
      assert.equal(status, 404, path);
      assert.equal(headers.location, undefined);
    }
  });

  it('in Host and X-Forwarded-* is not believed', async () => {
    const hearsay = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'javascript',
      'x-forwarded-prefix': '//evil.example',
      forwarded: 'host=evil.example',
    };
    for (const path of ['/', '/device', '/device/confirm', '/device/done', '/sign-in', '/nowhere']) {
      const { headers, html } = await raw(path, hearsay);
      assert.doesNotMatch(`${headers.location} ${headers['set-cookie']} ${html}`, /evil|javascript/, path);
    }
  });
});

describe('every answer to a browser', () => {
  let person: Person;
  before(async () => {
    person = createPerson(server.issuer);
    await person.open('/');
    await person.enterCode((await requestDevice(server.issuer)).body.user_code);
    await person.open('/device/confirm');
    await person.decide('deny');
    await person.submit('/sign-out', {});
    await person.open('/assets/reference.css');
    await person.open('/nowhere');
    await person.send('/device', {});
    await person.send('/nowhere', {});
  });

  it('refuses to be framed, in the words of old browsers and of new ones', () => {
    assert.ok(person.hops.length >= 12);
    for (const { url, headers } of person.hops) {
      assert.match(headers.get('content-security-policy') ?? '', /(^|; )frame-ancestors 'none'(;|$)/, url);
      assert.equal(headers.get('x-frame-options'), 'DENY', url);
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin', url);
    }
  });

  it('lets forms post to this server only', () => {
    for (const { url, headers } of person.hops) {
      assert.match(headers.get('content-security-policy') ?? '', /(^|; )form-action 'self'(;|$)/, url);
    }
  });

  it('is kept by no cache, but for an asset', () => {
    for (const { url, headers } of person.hops) {
      const expected = url.includes('/assets/') ? 'public, max-age=3600' : 'no-store';
      assert.equal(headers.get('cache-control'), expected, url);
    }
  });
});
