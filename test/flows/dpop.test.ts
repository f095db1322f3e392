import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt, SignJWT } from 'jose';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { credentials, introspect, poll, post, refresh, requestDevice } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { createPerson } from '../support/person.ts';
import { createBoundDevice, createProver, type Prover, secondsFromNow } from '../support/proof.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let prover: Prover;
before(async () => {
  server = await startServer();
  prover = await createProver();
});
after(() => server.stop());

const tokenUrl = () => `${server.issuer}/oauth/token`;
const deviceUrl = () => `${server.issuer}/oauth/device_authorization`;
const machineGrant = { grant_type: 'client_credentials' };

const askAsMachine = (proof: string, basic = credentials.machine) =>
  post(tokenUrl(), machineGrant, { basic, headers: { DPoP: proof } });

/** Has the API's tokens be JWTs for a while. */
async function withJwts(work: () => Promise<void>): Promise<void> {
  const setFormat = (format: string) =>
    server.db.query(
      sql`update resources set access_token_format = ${format} where uri = ${demoResource.uri}`,
    );
  await setFormat('jwt');
  await work().finally(() => setFormat('opaque'));
}

describe('the metadata', () => {
  it('names the algorithms of proofs', async () => {
    const response = await fetch(`${server.issuer}/.well-known/oauth-authorization-server`);
    const { dpop_signing_alg_values_supported } = (await response.json()) as Record<string, unknown>;
    assert.deepEqual(dpop_signing_alg_values_supported, ['ES256', 'Ed25519', 'EdDSA']);
  });
});

describe('a request with a DPoP proof', () => {
  it('gets a machine a token of type DPoP that introspection binds to the key', async () => {
    for (const alg of ['ES256', 'EdDSA'] as const) {
      const machine = await createProver(alg);
      const { status, body, headers } = await askAsMachine(await machine.prove(tokenUrl()));
      assert.deepEqual([status, body.token_type], [200, 'DPoP']);
      assert.ok(headers.get('dpop-nonce'), 'a nonce is offered');
      assert.equal(headers.get('access-control-expose-headers'), null);
      const seen = (await introspect(server.issuer, body.access_token)).body;
      assert.deepEqual([seen.token_type, seen.cnf], ['DPoP', { jkt: machine.thumbprint }]);
    }
  });

  it('gets a JWT that names the key itself, and introspection names it too', () =>
    withJwts(async () => {
      const { body } = await askAsMachine(await prover.prove(tokenUrl()));
      assert.deepEqual(decodeJwt(body.access_token).cnf, { jkt: prover.thumbprint });
      const seen = (await introspect(server.issuer, body.access_token)).body;
      assert.deepEqual([seen.token_type, seen.cnf], ['DPoP', { jkt: prover.thumbprint }]);
    }));

  it('lets a device in and renews its tokens, all bound to the key', async () => {
    const device = createBoundDevice(server.issuer, prover);
    const tokens = await device.signIn();
    assert.equal(tokens.token_type, 'DPoP');
    const renewed = await device.refresh(tokens.refresh_token);
    assert.deepEqual([renewed.status, renewed.body.token_type], [200, 'DPoP']);
    for (const token of [tokens.access_token, renewed.body.access_token]) {
      assert.deepEqual((await introspect(server.issuer, token)).body.cnf, { jkt: prover.thumbprint });
    }
  });

  it('binds a device that proves its key at the redemption only', async () => {
    const { body } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(body.user_code);
    await person.decide('allow');
    const tokens = (await createBoundDevice(server.issuer, prover).poll(body.device_code)).body;
    assert.equal(tokens.token_type, 'DPoP');
    assert.equal((await refresh(server.issuer, tokens.refresh_token)).body.error, 'invalid_grant');
  });

  it('binds a public client’s refresh token that was not bound before', async () => {
    const { refresh_token } = await letDeviceIn(server.issuer);
    const device = createBoundDevice(server.issuer, prover);
    const { body } = await device.refresh(refresh_token);
    assert.equal(body.token_type, 'DPoP');
    assert.equal((await refresh(server.issuer, body.refresh_token)).body.error, 'invalid_grant');
    assert.equal((await device.refresh(body.refresh_token)).status, 200);
  });

  it('is understood below an issuer’s own path', async () => {
    const below = await startServer({ path: '/auth' });
    try {
      const device = createBoundDevice(below.issuer, prover);
      const { status, body } = await device.request();
      assert.equal(status, 200);
      assert.equal((await device.poll(body.device_code)).body.error, 'authorization_pending');
      const elsewhere = await prover.prove(`${below.url}/oauth/token`);
      assert.equal((await device.poll(body.device_code, elsewhere)).body.error, 'invalid_dpop_proof');
    } finally {
      await below.stop();
    }
  });

  it('leaves a request without one as it was', async () => {
    const { body } = await post(tokenUrl(), machineGrant, { basic: credentials.machine });
    assert.equal(body.token_type, 'Bearer');
    assert.equal((await introspect(server.issuer, body.access_token)).body.cnf, undefined);
  });
});

describe('a proof', () => {
  const faults: Record<string, Parameters<Prover['prove']>[1]> = {
    'for another method': { claims: { htm: 'GET' } },
    'for another address': { claims: { htu: 'https://elsewhere.example/oauth/token' } },
    'without an address': { claims: { htu: undefined } },
    'without a jti': { claims: { jti: undefined } },
    'without an iat': { claims: { iat: undefined } },
    'of another type': { header: { typ: 'JWT' } },
    'without its key': { header: { jwk: undefined } },
  };
  const endpoints = { 'the token endpoint': tokenUrl, 'the device endpoint': deviceUrl };

  for (const [place, url] of Object.entries(endpoints)) {
    const ask = (proof: string) =>
      place === 'the token endpoint'
        ? askAsMachine(proof)
        : createBoundDevice(server.issuer, prover).request({}, proof);

    for (const [fault, changes] of Object.entries(faults)) {
      it(`${fault} is invalid_dpop_proof at ${place}`, async () => {
        const { status, body } = await ask(await prover.prove(url(), changes));
        assert.deepEqual([status, body.error], [400, 'invalid_dpop_proof']);
      });
    }

    it(`that another key signed is invalid_dpop_proof at ${place}`, async () => {
      const other = await createProver();
      const { publicJwk: jwk } = prover;
      const { status, body } = await ask(await other.prove(url(), { header: { jwk } }));
      assert.deepEqual([status, body.error], [400, 'invalid_dpop_proof']);
    });

    it(`that nobody signed, or a shared secret, is invalid_dpop_proof at ${place}`, async () => {
      const [, claims = ''] = (await prover.prove(url())).split('.');
      const secret = new Uint8Array(32);
      const oct = { kty: 'oct', k: Buffer.from(secret).toString('base64url') };
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const unsigned = part({ alg: 'none', typ: 'dpop+jwt', jwk: prover.publicJwk });
      const shared = new SignJWT(decodeJwt(`e30.${claims}.e30`));
      shared.setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk: oct });
      for (const proof of [`${unsigned}.${claims}.`, await shared.sign(secret)]) {
        assert.equal((await ask(proof)).body.error, 'invalid_dpop_proof');
      }
    });

    it(`that gives its private key away is invalid_dpop_proof at ${place}`, async () => {
      const header = { jwk: prover.privateJwk };
      const { body } = await ask(await prover.prove(url(), { header }));
      assert.equal(body.error, 'invalid_dpop_proof');
    });

    it(`that comes with a second one, or is no JWT, is invalid_dpop_proof at ${place}`, async () => {
      const two = `${await prover.prove(url())}, ${await prover.prove(url())}`;
      for (const proof of [two, 'nonsense', 'a.b.c']) {
        assert.equal((await ask(proof)).body.error, 'invalid_dpop_proof');
      }
    });

    it(`may have an iat of 5 minutes more or less at ${place}; beyond, a nonce is asked for`, async () => {
      for (const seconds of [-290, 290]) {
        const { status } = await ask(await prover.prove(url(), { claims: { iat: secondsFromNow(seconds) } }));
        assert.equal(status, 200);
      }
      for (const seconds of [-310, 310]) {
        const { status, body, headers } = await ask(
          await prover.prove(url(), { claims: { iat: secondsFromNow(seconds) } }),
        );
        assert.deepEqual([status, body.error], [400, 'use_dpop_nonce']);
        assert.ok(headers.get('dpop-nonce'));
      }
    });

    it(`may have query and fragment in its address at ${place}, and is good whatever Host says`, async () => {
      const { status } = await ask(await prover.prove(url(), { claims: { htu: `${url()}?a=b#c` } }));
      assert.equal(status, 200);
      const other = await prover.prove(url(), { claims: { htu: url().replace('localhost', '127.0.0.1') } });
      assert.equal((await ask(other)).body.error, 'invalid_dpop_proof');
    });
  }
});

describe('a client that must put nonces into its proofs', () => {
  const register = () =>
    registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      requireDpopNonce: true,
    });

  it('is given one, and one does at both endpoints of both of two servers', async () => {
    const second = await startServer({ databaseUrl: server.databaseUrl });
    try {
      const { id } = await register();
      const refused = await createBoundDevice(server.issuer, prover, id).request();
      assert.deepEqual([refused.status, refused.body.error], [400, 'use_dpop_nonce']);
      const nonce = refused.headers.get('dpop-nonce');
      assert.ok(nonce);
      for (const { issuer } of [server, second]) {
        const device = createBoundDevice(issuer, prover, id);
        const asked = await device.request(
          {},
          await prover.prove(`${issuer}/oauth/device_authorization`, { claims: { nonce } }),
        );
        assert.equal(asked.status, 200);
        const proof = await prover.prove(`${issuer}/oauth/token`, { claims: { nonce } });
        const polled = await device.poll(asked.body.device_code, proof);
        assert.equal(polled.body.error, 'authorization_pending');
      }
    } finally {
      await second.stop();
    }
  });

  it('is told use_dpop_nonce, with a fresh one, for a nonce that this server never made', async () => {
    const { id } = await register();
    const device = createBoundDevice(server.issuer, prover, id);
    const stale = { claims: { nonce: 'B'.repeat(43) } };
    const asked = await device.request({}, await prover.prove(deviceUrl(), stale));
    const polled = await device.poll('whatever', await prover.prove(tokenUrl(), stale));
    for (const { status, body, headers } of [asked, polled]) {
      assert.deepEqual([status, body.error], [400, 'use_dpop_nonce']);
      assert.match(headers.get('dpop-nonce') ?? '', /^[\w-]{43}$/);
    }
    // Both ask for the same one, unless it changes with the minute between them; then the next two do.
    const nonces = [asked, polled].map(({ headers }) => headers.get('dpop-nonce'));
    const again = await device.request({}, await prover.prove(deviceUrl(), stale));
    nonces.push(again.headers.get('dpop-nonce'));
    assert.ok(new Set(nonces).size < 3, nonces.join(' '));
  });
});

describe('a client whose tokens are always bound', () => {
  it('gets none without a proof, by no grant', async () => {
    const machine = await registerClient(server.db, { dpopBoundAccessTokens: true });
    const refused = await post(tokenUrl(), machineGrant, { basic: machine.basic });
    assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_grant']);
    const granted = await askAsMachine(await prover.prove(tokenUrl()), machine.basic);
    assert.equal(granted.body.token_type, 'DPoP');

    const { id } = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      dpopBoundAccessTokens: true,
    });
    const { body } = await requestDevice(server.issuer, { client_id: id });
    const person = createPerson(server.issuer);
    await person.enterCode(body.user_code);
    await person.decide('allow');
    const polled = await poll(server.issuer, body.device_code, { client_id: id });
    assert.deepEqual([polled.status, polled.body.error], [400, 'invalid_grant']);
    const device = createBoundDevice(server.issuer, prover, id);
    const tokens = (await device.poll(body.device_code)).body;
    assert.equal(tokens.token_type, 'DPoP');
    const renewed = await refresh(server.issuer, tokens.refresh_token, { client_id: id });
    assert.equal(renewed.body.error, 'invalid_grant');
    assert.equal((await device.refresh(tokens.refresh_token)).status, 200);
  });
});
