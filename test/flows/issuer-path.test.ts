import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { introspect, poll, refresh, requestDevice, requestMachineToken, revoke } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const path = '/auth/eu';
let server: TestServer;
let origin: string;
before(async () => {
  server = await startServer({ path });
  ({ origin } = new URL(server.issuer));
});
after(() => server.stop());

async function readJson(url: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  return (await answer.json()) as Record<string, unknown>;
}

describe('an issuer with a path', () => {
  it('has its metadata where RFC 8414 section 3.1 and OpenID Connect Discovery look for it', async () => {
    const places = [
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${server.issuer}/.well-known/oauth-authorization-server`,
      `${server.issuer}/.well-known/openid-configuration`,
    ];
    const [first, ...others] = await Promise.all(places.map(readJson));
    for (const other of others) assert.deepEqual(other, first);
    assert.equal(first?.issuer, server.issuer);
    for (const algorithm of ['oauth2', 'oidc'] as const) {
      const issuer = new URL(server.issuer);
      const response = await oauth.discoveryRequest(issuer, {
        algorithm,
        [oauth.allowInsecureRequests]: true,
      });
      assert.equal((await oauth.processDiscoveryResponse(issuer, response)).issuer, server.issuer);
    }
  });

  it('has every endpoint that its metadata names below that path, and none elsewhere', async () => {
    const metadata = await readJson(`${server.issuer}/.well-known/oauth-authorization-server`);
    const endpoints = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name));
    assert.equal(endpoints.length, 5);
    for (const [name, url] of endpoints) {
      const found = await fetch(String(url), { method: 'OPTIONS' });
      assert.ok(String(url).startsWith(`${server.issuer}/`), `${name}: ${url}`);
      assert.equal(found.status, 204, `${name}: ${url}`);
      const elsewhere = await fetch(String(url).replace(path, ''), { method: 'OPTIONS' });
      assert.equal(elsewhere.status, 404, `${name}: ${url}`);
    }
  });

  it('lets a device in from end to end', async () => {
    const { issuer } = server;
    const { body: device } = await requestDevice(issuer);
    assert.equal(device.verification_uri, `${issuer}/device`);
    assert.equal(device.verification_uri_complete, `${issuer}/device?user_code=${device.user_code}`);
    const person = createPerson(issuer);
    assert.equal((await person.enterCode(device.user_code)).url, `${issuer}/device/confirm`);
    assert.equal((await person.decide('allow')).url, `${issuer}/device/done`);
    const { status, body } = await poll(issuer, device.device_code);
    assert.equal(status, 200);
    const { body: renewed } = await refresh(issuer, body.refresh_token);
    const { body: seen } = await introspect(issuer, renewed.access_token);
    assert.deepEqual([seen.active, seen.iss], [true, issuer]);
    assert.equal((await revoke(issuer, renewed.refresh_token)).status, 200);
    assert.deepEqual((await introspect(issuer, renewed.access_token)).body, { active: false });
    assert.equal((await person.open('/device')).status, 200);
    assert.equal((await person.submit('/sign-out', {})).url, `${issuer}/signed-out`);
  });

  it('gives a machine its token', async () => {
    const { status, body } = await requestMachineToken(server.issuer);
    assert.equal(status, 200);
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);
  });

  it('has its pages, their links and their assets below that path', async () => {
    for (const page of ['', '/', '/device', '/sign-in', '/signed-out']) {
      const answer = await fetch(server.issuer + page);
      assert.equal(answer.status, 200, page);
      const html = await answer.text();
      const links = [...html.matchAll(/(?:href|src|action)="([^"#]+)"/g)].map(([, link = '']) => link);
      assert.ok(links.length > 0);
      for (const link of links) {
        const { href, pathname } = new URL(link, server.issuer);
        const isMetadata = pathname === `/.well-known/oauth-authorization-server${path}`;
        assert.ok(isMetadata || pathname === path || pathname.startsWith(`${path}/`), `${page}: ${link}`);
        assert.notEqual((await fetch(href, { method: 'OPTIONS' })).status, 404, `${page}: ${link}`);
      }
    }
  });

  it('leaves the probes at the root', async () => {
    assert.equal((await fetch(`${origin}/health/live`)).status, 200);
    assert.equal((await fetch(`${origin}/health/ready`)).status, 200);
  });
});
