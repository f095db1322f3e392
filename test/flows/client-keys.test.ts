import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { parseRegistration } from '../../src/clients/registration.ts';
import { randomText } from '../../src/secret.ts';
import { post } from '../support/client.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let server: TestServer;
let client: TestClient;
let privateKey: CryptoKey;
let publicJwk: JWK;
before(async () => {
  server = await startServer();
  ({ privateKey, publicJwk } = await makeKey());
  client = await registerWithKeys({ jwks: { keys: [{ ...publicJwk }] } });
});
after(() => server.stop());

async function makeKey(alg = 'ES256'): Promise<{ privateKey: CryptoKey; publicJwk: JWK }> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return {
    privateKey: pair.privateKey,
    publicJwk: { ...(await exportJWK(pair.publicKey)), kid: randomText(8) },
  };
}

function registerWithKeys(
  keys: { jwks: { keys: Record<string, unknown>[] } } | { jwksUri: string },
  at = server,
) {
  return registerClient(at.db, { authentication: 'private_key_jwt', ...keys });
}

function assertion(
  changes: JWTPayload = {},
  options: { alg?: string; key?: CryptoKey | Uint8Array; of?: string } = {},
) {
  const id = options.of ?? client.id;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: id,
    sub: id,
    aud: server.issuer,
    jti: randomText(),
    iat: now,
    exp: now + 60,
    ...changes,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: options.alg ?? 'ES256' })
    .sign(options.key ?? privateKey);
}

const requestWith = async (
  token: string | Promise<string>,
  form: Record<string, string> = {},
  issuer = server.issuer,
) =>
  post(`${issuer}/oauth/token`, {
    grant_type: 'client_credentials',
    client_assertion_type: assertionType,
    client_assertion: await token,
    ...form,
  });

async function assertRefused(answer: ReturnType<typeof requestWith>): Promise<void> {
  const { status, body } = await answer;
  assert.deepEqual(
    [status, body],
    [401, { error: 'invalid_client', error_description: 'Client authentication failed' }],
  );
}

describe('private_key_jwt', () => {
  it('authenticates a client by its registered key, for the issuer and for the token endpoint', async () => {
    for (const aud of [server.issuer, `${server.issuer}/oauth/token`]) {
      assert.equal((await requestWith(assertion({ aud }))).status, 200);
    }
  });

  it('may be made for as long as ten minutes', async () => {
    const exp = Math.floor(Date.now() / 1000) + 590;
    assert.equal((await requestWith(assertion({ exp }))).status, 200);
  });

  it('is what an unmodified oauth4webapi does', async () => {
    const as = await oauth
      .discoveryRequest(new URL(server.issuer), { algorithm: 'oauth2', [oauth.allowInsecureRequests]: true })
      .then((response) => oauth.processDiscoveryResponse(new URL(server.issuer), response));
    assert.ok(as.token_endpoint_auth_signing_alg_values_supported?.includes('ES256'));
    const me = { client_id: client.id };
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      me,
      oauth.PrivateKeyJwt(privateKey),
      new URLSearchParams(),
      {
        [oauth.allowInsecureRequests]: true,
      },
    );
    assert.ok((await oauth.processClientCredentialsResponse(as, me, response)).access_token);
  });

  it('takes EdDSA, RS256 and PS256 keys too', async () => {
    for (const alg of ['EdDSA', 'RS256', 'PS256']) {
      const { privateKey: key, publicJwk: jwk } = await makeKey(alg);
      const { id } = await registerWithKeys({ jwks: { keys: [{ ...jwk }] } });
      assert.equal((await requestWith(assertion({}, { alg, key, of: id }))).status, 200, alg);
    }
  });

  it('refuses an assertion that is not for this server, not of this client, without an end, or for too long', async () => {
    const now = Math.floor(Date.now() / 1000);
    const wrong: Record<string, unknown>[] = [
      { aud: 'https://elsewhere.example.com' },
      { aud: [server.issuer, 'https://elsewhere.example.com'] },
      { aud: `${server.issuer}/oauth/introspect` },
      { aud: undefined },
      { iss: 'somebody-else' },
      { exp: undefined },
      { exp: now - 60 },
      { exp: now + 630 },
      { jti: undefined },
      { nbf: now + 600 },
    ];
    for (const changes of wrong) await assertRefused(requestWith(assertion(changes)));
  });

  it('refuses an assertion of another key, of no key, and of a public key used as a secret', async () => {
    const { privateKey: stranger } = await makeKey();
    await assertRefused(requestWith(assertion({}, { key: stranger })));
    const [, payload] = (await assertion()).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    await assertRefused(requestWith(`${none}.${payload}.`));
    const secret = new TextEncoder().encode(JSON.stringify(publicJwk));
    await assertRefused(requestWith(assertion({}, { alg: 'HS256', key: secret })));
    for (const garbage of ['garbage', 'a.b.c', '', 'eyJ.eyJ.x']) {
      await assertRefused(requestWith(garbage, { client_id: client.id }));
    }
    await assertRefused(requestWith(assertion(), { client_assertion_type: 'urn:else' }));
  });

  it('takes an assertion once, however often and wherever it comes at once', async () => {
    const second = await startServer({
      databaseUrl: server.databaseUrl,
      settings: { POSTERN_ISSUER: server.issuer },
    });
    try {
      const token = await assertion();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => requestWith(token, {}, index % 2 ? server.url : second.url)),
      );
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      assert.ok(answers.every(({ status, body }) => status === 200 || body.error === 'invalid_client'));
      await assertRefused(requestWith(token));
    } finally {
      await second.stop();
    }
  });

  it('is one kind of credentials among others, not beside them', async () => {
    const both = await requestWith(assertion(), { client_secret: 'secret' });
    assert.deepEqual([both.status, both.body.error], [400, 'invalid_request']);
    const other = await requestWith(assertion(), { client_id: 'somebody-else' });
    assert.deepEqual([other.status, other.body.error], [400, 'invalid_request']);
    await assertRefused(
      post(`${server.issuer}/oauth/token`, { grant_type: 'client_credentials', client_id: client.id }),
    );
    await assertRefused(requestWith(assertion({ iss: 'demo-machine', sub: 'demo-machine' })));
  });
});

describe('a client that publishes its keys', () => {
  let keys: Server;
  let asked = 0;
  let answer: { status: number; body?: string } = { status: 200, body: '{}' };
  let uri: string;
  before(async () => {
    keys = createServer((req, res) => {
      asked += 1;
      const moved = { status: 200, body: JSON.stringify({ keys: [publicJwk] }) };
      const { status, body } = req.url === '/moved.json' ? moved : answer;
      const headers = {
        'content-type': 'application/json',
        ...(status === 302 && { location: '/moved.json' }),
      };
      res.writeHead(status, headers);
      if (body === undefined) res.flushHeaders();
      else res.end(body);
    }).listen({ host: '127.0.0.1', port: 0 });
    await once(keys, 'listening');
    uri = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks.json`;
  });
  after(() => {
    keys.close();
  });

  it('is asked for them, where the operator lets private networks in', async () => {
    const open = await startServer({ settings: { POSTERN_ALLOW_PRIVATE_NETWORKS: 'true' } });
    try {
      answer = { status: 200, body: JSON.stringify({ keys: [publicJwk] }) };
      const { id } = await registerWithKeys({ jwksUri: uri }, open);
      const token = assertion({ aud: open.issuer }, { of: id });
      assert.equal((await requestWith(token, {}, open.issuer)).status, 200);

      for (const bad of [
        { status: 500, body: '{}' },
        { status: 302, body: '' },
        { status: 200, body: 'no json' },
        { status: 200 },
        { status: 200, body: JSON.stringify({ keys: [publicJwk], padding: 'x'.repeat(2_000_000) }) },
      ]) {
        answer = bad;
        const late = await registerWithKeys({ jwksUri: uri }, open);
        await assertRefused(requestWith(assertion({ aud: open.issuer }, { of: late.id }), {}, open.issuer));
      }
    } finally {
      await open.stop();
    }
  });

  it('is not asked on a private network otherwise', async () => {
    answer = { status: 200, body: JSON.stringify({ keys: [publicJwk] }) };
    const before = asked;
    const { id } = await registerWithKeys({ jwksUri: uri });
    await assertRefused(requestWith(assertion({}, { of: id })));
    assert.equal(asked, before);
  });
});

describe('the registration of a client with keys', () => {
  const registration = {
    client_id: 'with-keys',
    client_name: 'With keys',
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    resources: { 'https://api.example.com': ['read'] },
  };
  const problems = (changes: object) => {
    const parsed = parseRegistration({ ...registration, ...changes });
    return 'problems' in parsed ? parsed.problems.join('\n') : '';
  };

  it('wants either keys or where they are published, and public ones', () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' };
    assert.equal(problems({ jwks: { keys: [key] } }), '');
    assert.equal(problems({ jwks_uri: 'https://client.example.com/jwks.json' }), '');
    assert.match(problems({}), /jwks/);
    assert.match(
      problems({ jwks: { keys: [key] }, jwks_uri: 'https://client.example.com/jwks.json' }),
      /jwks/,
    );
    assert.match(problems({ jwks: { keys: [{ ...key, d: 'AA' }] } }), /private part/);
    assert.match(problems({ jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }), /EC, OKP or RSA/);
    assert.match(problems({ jwks: { keys: [] } }), /at least one/);
    assert.match(problems({ jwks_uri: 'http://client.example.com/jwks.json' }), /https/);
    assert.match(
      problems({ token_endpoint_auth_method: 'none', grant_types: [], jwks: { keys: [key] } }),
      /jwks/,
    );
  });
});
