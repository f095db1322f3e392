import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { calculateJwkThumbprint, importJWK } from 'jose';
import { credentials, post } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const places = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];
const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'];
const algorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'RS256'];

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const get = (path: string, init: RequestInit = {}) => fetch(server.issuer + path, init);

describe('the metadata (RFC 8414)', () => {
  it('is the same at both places, and names what is offered and nothing else', async () => {
    const { issuer } = server;
    for (const place of places) {
      const response = await get(place);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
      assert.deepEqual(await response.json(), {
        issuer,
        token_endpoint: `${issuer}/oauth/token`,
        device_authorization_endpoint: `${issuer}/oauth/device_authorization`,
        introspection_endpoint: `${issuer}/oauth/introspect`,
        revocation_endpoint: `${issuer}/oauth/revoke`,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        scopes_supported: ['offline_access'],
        acr_values_supported: ['urn:postern:acr:single-factor', 'urn:postern:acr:multi-factor'],
        response_types_supported: [],
        grant_types_supported: [
          'refresh_token',
          'client_credentials',
          'urn:ietf:params:oauth:grant-type:device_code',
          'urn:ietf:params:oauth:grant-type:token-exchange',
        ],
        token_endpoint_auth_methods_supported: methods,
        introspection_endpoint_auth_methods_supported: methods,
        introspection_signing_alg_values_supported: ['ES256'],
        dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA'],
        revocation_endpoint_auth_methods_supported: methods,
        token_endpoint_auth_signing_alg_values_supported: algorithms,
        introspection_endpoint_auth_signing_alg_values_supported: algorithms,
        revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      });
    }
  });

  it('names endpoints that answer', async () => {
    const metadata = Object.entries((await (await get(places[0] ?? '')).json()) as Record<string, string>);
    const endpoints = metadata.filter(([name]) => name.endsWith('_endpoint'));
    assert.equal(endpoints.length, 4);
    for (const [name, url] of endpoints) {
      assert.equal((await fetch(url, { method: 'POST' })).status, 401, name);
      const wrong = await fetch(url);
      assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST, OPTIONS'], name);
    }
    const keys = metadata.find(([name]) => name === 'jwks_uri')?.[1] ?? '';
    assert.equal((await fetch(keys)).status, 200);
  });

  it('says what the issuer is, whatever Host and the forwarded headers say', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil',
    };
    for (const place of places) {
      const text = await (await get(place, { headers })).text();
      assert.equal(JSON.parse(text).issuer, server.issuer);
      assert.doesNotMatch(text, /evil|https:/);
    }
  });
});

describe('the signing keys (RFC 7517)', () => {
  it('are public keys for ES256, named by their thumbprints', async () => {
    const response = await get('/.well-known/jwks.json');
    assert.match(response.headers.get('content-type') ?? '', /^application\/(jwk-set\+)?json/);
    const { keys } = (await response.json()) as { keys: Record<string, string>[] };
    assert.equal(keys.length, 1);
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      assert.deepEqual([key.alg, key.crv, key.kty, key.use], ['ES256', 'P-256', 'EC', 'sig']);
      assert.equal(key.kid, await calculateJwkThumbprint(key));
      assert.ok(await importJWK(key, 'ES256'));
    }
  });

  it('are the same after a restart', async () => {
    const before = await (await get('/.well-known/jwks.json')).json();
    const again = await startServer({ databaseUrl: server.databaseUrl });
    try {
      const after = await (await fetch(`${again.issuer}/.well-known/jwks.json`)).json();
      assert.deepEqual(after, before);
    } finally {
      await again.stop();
    }
  });
});

for (const path of [...places, '/.well-known/jwks.json']) {
  describe(`the public document at ${path}`, () => {
    it('may be kept for a while, and is not sent again to who has it', async () => {
      const first = await get(path);
      const text = await first.text();
      assert.equal(first.headers.get('cache-control'), 'public, max-age=300');
      const tag = first.headers.get('etag') ?? '';
      assert.match(tag, /^"[\w-]{27}"$/);
      for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
        const again = await get(path, { headers: { 'if-none-match': known } });
        assert.deepEqual([again.status, await again.text()], [304, ''], known);
        assert.equal(again.headers.get('etag'), tag);
        assert.equal(again.headers.get('cache-control'), 'public, max-age=300');
      }
      for (const unknown of ['"other"', 'W/"other"', tag.slice(1, -1)]) {
        const again = await get(path, { headers: { 'if-none-match': unknown } });
        assert.deepEqual([again.status, await again.text()], [200, text], unknown);
      }
    });

    it('answers HEAD as GET, without the body', async () => {
      const head = await get(path, { method: 'HEAD' });
      const full = await get(path);
      assert.deepEqual([head.status, await head.text()], [200, '']);
      for (const name of ['etag', 'content-type', 'content-length', 'cache-control']) {
        assert.equal(head.headers.get(name), full.headers.get(name), name);
      }
    });

    it('may be read by a page of any origin, without credentials', async () => {
      const { headers } = await get(path, { headers: { origin: 'https://page.example' } });
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin');
      assert.equal(headers.get('access-control-allow-credentials'), null);
    });
  });
}

describe('the endpoints that take credentials', () => {
  it('are for no page of another origin', async () => {
    for (const path of ['token', 'device_authorization', 'introspect', 'revoke']) {
      for (const method of ['POST', 'OPTIONS']) {
        const response = await get(`/oauth/${path}`, {
          method,
          headers: { origin: 'https://page.example', 'access-control-request-method': 'POST' },
        });
        const allowed = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
        assert.deepEqual(allowed, [], `${method} ${path}`);
      }
    }
    const { status, headers } = await post(
      `${server.issuer}/oauth/token`,
      { grant_type: 'client_credentials' },
      { basic: credentials.machine, headers: { origin: 'https://page.example' } },
    );
    assert.equal(status, 200);
    assert.equal(headers.get('access-control-allow-origin'), null);
  });
});
