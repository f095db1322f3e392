import assert from 'node:assert/strict';
import { createHmac, createPublicKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { decodeJwt, decodeProtectedHeader, type JWK, type JWTPayload } from 'jose';
import { demoApi, demoMachine, demoResource } from '../../src/development.ts';
import { listPublicKeys } from '../../src/keys/signing-key.ts';
import { sql } from '../../src/postgres/sql.ts';
import { credentials, introspect, post, requestMachineToken } from '../support/client.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import { signAsServer } from '../support/forger.ts';
import { createProver, type Prover } from '../support/proof.ts';
import type { TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let gateway: TestClient;
let thief: Prover;
let token: string;
let claims: JWTPayload;
before(async () => {
  server = await startServer();
  ({ gateway } = await registerGateway(server.db, demoResource.uri));
  await server.db.query(sql`update resources set access_token_format = 'jwt'`);
  token = (await requestMachineToken(server.issuer)).body.access_token;
  claims = decodeJwt(token);
  thief = await createProver();
});
after(() => server.stop());

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT with these parts and the signature that `by` makes of them. */
function join(header: object, payload: object, by: (data: string) => Buffer): string {
  const data = `${part(header)}.${part(payload)}`;
  return `${data}.${by(data).toString('base64url')}`;
}

const headerOf = () => decodeProtectedHeader(token);

/** As the thief signs: ES256, with a key of their own. */
const byThief = (data: string) =>
  sign('sha256', Buffer.from(data), {
    key: thief.privateJwk,
    format: 'jwk',
    dsaEncoding: 'ieee-p1363',
  } as never);

const publicKey = async (): Promise<JWK> => (await listPublicKeys(server.db))[0] as JWK;

/** Nobody takes it: it introspects as nothing, revokes nothing, and is exchanged for nothing. */
async function assertWorthless(text: string, why: string): Promise<void> {
  const { status, body } = await introspect(server.issuer, text);
  assert.deepEqual([status, body], [200, { active: false }], why);
  const revoked = await post(
    `${server.issuer}/oauth/revoke`,
    { token: text },
    { basic: credentials.machine },
  );
  assert.equal(revoked.status, 200, why);
  const exchanged = await post(
    `${server.issuer}/oauth/token`,
    { grant_type: exchangeGrant, subject_token: text, subject_token_type: accessTokenType },
    { basic: gateway.basic },
  );
  assert.deepEqual([exchanged.status, exchanged.body.error], [400, 'invalid_request'], why);
  assert.equal((await introspect(server.issuer, token)).body.active, true, `the honest one, after ${why}`);
}

describe('a JWT that was altered', () => {
  it('is worthless with another claim, another letter, a part less or a part more', async () => {
    const [head = '', payload = '', signature = ''] = token.split('.');
    for (const altered of [
      `${head}.${part({ ...claims, scope: 'admin' })}.${signature}`,
      `${part({ ...headerOf(), typ: 'JWT' })}.${payload}.${signature}`,
      `${head}.${payload}.${signature.slice(0, -6)}AAAAAA`,
      `${head}.${payload}.${signature.slice(0, 43)}`,
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${token}.`,
      `${token}.${signature}`,
      `${token}${signature}`,
      `${head}.${head}.${payload}.${payload}.${signature}`,
      ` ${token}`,
      `Bearer ${token}`,
    ]) {
      await assertWorthless(altered, altered);
    }
  });

  it('is worthless without a signature, whatever none is called', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      const unsigned = join({ ...headerOf(), alg }, claims, () => Buffer.alloc(0));
      await assertWorthless(unsigned, alg);
      await assertWorthless(`${unsigned}${token.split('.')[2]}`, `${alg} with a signature`);
    }
  });

  it('is worthless with the public key as a shared secret, in every form in which it is published', async () => {
    const jwk = await publicKey();
    const key = createPublicKey({ key: jwk as never, format: 'jwk' });
    const forms = [
      JSON.stringify(jwk),
      key.export({ format: 'pem', type: 'spki' }),
      key.export({ format: 'der', type: 'spki' }),
      Buffer.from(jwk.x ?? '', 'base64url'),
      '',
    ];
    for (const form of forms) {
      for (const alg of ['HS256', 'HS512']) {
        const mac = (data: string) => createHmac(alg.replace('HS', 'sha'), form).update(data).digest();
        await assertWorthless(join({ ...headerOf(), alg }, claims, mac), alg);
      }
    }
  });

  it('is worthless with the signature of somebody else, whatever it says of whose it is', async () => {
    const { kid } = headerOf();
    const headers: Record<string, unknown>[] = [
      { kid },
      { kid: undefined },
      { kid: thief.thumbprint },
      { kid: '' },
      { kid: '../../../dev/null' },
      { kid: "' or 1=1 --" },
      { kid: `${kid}\0` },
      { kid, alg: 'RS256' },
      { kid, alg: 'EdDSA' },
      { kid, jwk: thief.publicJwk },
      { kid: thief.thumbprint, jwk: { ...thief.publicJwk, kid: thief.thumbprint } },
      { kid, crit: ['exp'], exp: 1 },
      { kid, b64: false, crit: ['b64'] },
      { kid, zip: 'DEF' },
    ];
    for (const changes of headers) {
      const header = { alg: 'ES256', typ: 'at+jwt', ...changes };
      await assertWorthless(join(header, claims, byThief), JSON.stringify(changes));
    }
  });

  it('is worthless with keys that it brings along or points to, and nobody looks there', async () => {
    let asked = 0;
    const elsewhere = createServer((_, res) => {
      asked += 1;
      res.end(JSON.stringify({ keys: [{ ...thief.publicJwk, kid: thief.thumbprint }] }));
    }).listen(0, 'localhost');
    await once(elsewhere, 'listening');
    const url = `http://localhost:${(elsewhere.address() as AddressInfo).port}/jwks.json`;
    try {
      for (const pointer of [{ jku: url }, { x5u: url }, { x5c: [part(thief.publicJwk)] }, { iss: url }]) {
        for (const kid of [thief.thumbprint, headerOf().kid, undefined, url]) {
          const header = { alg: 'ES256', typ: 'at+jwt', kid, ...pointer };
          await assertWorthless(join(header, claims, byThief), JSON.stringify(header));
        }
      }
      assert.equal(asked, 0);
    } finally {
      elsewhere.close();
    }
  });
});

describe('a JWT that this server has signed', () => {
  const assertTaken = async (text: string) =>
    assert.equal((await introspect(server.issuer, text)).body.active, true);

  it('is taken, so that the refusals below mean something', async () => {
    await assertTaken(await signAsServer(server.db, { ...claims, jti: 'a-jti-of-this-test' }));
  });

  it('is no access token where it has another type, or none', async () => {
    for (const typ of ['JWT', 'token-introspection+jwt', 'dpop+jwt', 'logout+jwt', 'at', '', undefined]) {
      await assertWorthless(await signAsServer(server.db, claims, { typ }), String(typ));
    }
  });

  it('is no access token of ours where another issuer is in it', async () => {
    const { issuer } = server;
    for (const iss of ['https://elsewhere.example.com', `${issuer}/`, issuer.toUpperCase(), '', undefined]) {
      await assertWorthless(await signAsServer(server.db, { ...claims, iss } as JWTPayload), String(iss));
    }
  });

  it('is no access token where a claim of RFC 9068 section 2.2 is missing', async () => {
    for (const name of ['exp', 'aud', 'sub', 'client_id', 'iat', 'jti']) {
      await assertWorthless(await signAsServer(server.db, { ...claims, [name]: undefined }), name);
    }
  });

  it('is no access token any more when its exp is over', async () => {
    const exp = Math.floor(Date.now() / 1000) - 5;
    await assertWorthless(await signAsServer(server.db, { ...claims, exp }), 'exp');
  });

  it('is nothing at another issuer that shares its database and its keys', async () => {
    const other = await startServer({ databaseUrl: server.databaseUrl });
    try {
      assert.deepEqual((await introspect(other.issuer, token)).body, { active: false });
      const theirs = (await requestMachineToken(other.issuer)).body.access_token;
      assert.equal((await introspect(other.issuer, theirs)).body.active, true);
      await assertWorthless(theirs, 'of another issuer');
    } finally {
      await other.stop();
    }
  });
});

describe('a JWT of another kind, presented as an access token', () => {
  it('is worthless: a signed introspection response, of a live token too', async () => {
    const { body: response } = await post(
      `${server.issuer}/oauth/introspect`,
      { token },
      {
        basic: `${demoApi.id}:${demoApi.secret}`,
        headers: { accept: 'application/token-introspection+jwt' },
      },
    );
    assert.equal(decodeProtectedHeader(response).typ, 'token-introspection+jwt');
    await assertWorthless(response, 'a signed introspection response');
  });

  it('is worthless: a DPoP proof, with all the claims of an access token too', async () => {
    const url = `${server.issuer}/oauth/token`;
    for (const more of [{}, { ...claims }]) {
      for (const typ of ['dpop+jwt', 'at+jwt']) {
        const proof = await thief.prove(url, { claims: more, header: { typ } });
        await assertWorthless(proof, `a proof of type ${typ}`);
      }
    }
  });

  it('is no DPoP proof the other way round, nor a client’s assertion', async () => {
    const url = `${server.issuer}/oauth/token`;
    const form = { grant_type: 'client_credentials' };
    for (const proof of [token, await signAsServer(server.db, claims, { typ: 'dpop+jwt' })]) {
      const answer = await post(url, form, { basic: credentials.machine, headers: { DPoP: proof } });
      assert.deepEqual([answer.status, answer.body.error], [400, 'invalid_dpop_proof']);
    }
    const sub = demoMachine.id;
    const assertion = await signAsServer(server.db, { ...claims, iss: sub, sub, aud: server.issuer });
    for (const client_assertion of [token, assertion]) {
      const { status, body } = await post(url, {
        ...form,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
      });
      assert.deepEqual([status, body.error], [401, 'invalid_client']);
    }
  });
});
