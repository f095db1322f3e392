import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { createApiCaller, requestOwnToken, showMe, verdictOf } from '../support/api.ts';
import { makeCertificate } from '../support/certificate-authority.ts';
import type { Answer } from '../support/client.ts';
import {
  byteSequence,
  certificateHeader,
  type ProxiedServer,
  startProxiedServer,
} from '../support/mutual-tls.ts';
import { createProver, type ProofChanges, type Prover } from '../support/proof.ts';
import { registerClient } from '../support/registration.ts';

let server: ProxiedServer;
before(async () => {
  server = await startProxiedServer();
});
after(() => server.stop());

const judge = async (answer: Promise<Answer>) => verdictOf(await answer);

describe('an access token that is bound to a key', () => {
  let prover: Prover;
  let token: string;
  before(async () => {
    prover = await createProver();
    const headers = { DPoP: await prover.prove(`${server.issuer}/oauth/token`) };
    const body = await requestOwnToken(server, ['members:read'], {}, headers);
    assert.equal(body.token_type, 'DPoP');
    token = body.access_token;
  });

  const url = () => `${server.issuer}/api/v1/users/me`;
  const hashOf = async (text: string) =>
    Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('base64url');
  const proveFor = async (changes: ProofChanges = {}, by = prover) =>
    await by.prove(url(), {
      ...changes,
      claims: { htm: 'GET', ath: await hashOf(token), ...changes.claims },
    });
  const present = (proof: string | undefined, scheme = 'DPoP') =>
    judge(showMe(server.issuer, { authorization: `${scheme} ${token}`, ...(proof && { dpop: proof }) }));

  it('is good with a proof by the key for this token and this request', async () => {
    assert.equal(await present(await proveFor()), '200');
  });

  it('is 401 without a proof, as a Bearer token, and with the proof of anything else', async () => {
    assert.equal(await present(undefined), '401 invalid_dpop_proof');
    assert.equal(await present(await proveFor(), 'Bearer'), '401 invalid_token');
    const other = await hashOf('another token');
    const claims: Record<string, unknown>[] = [
      { ath: undefined },
      { ath: other },
      { htm: 'POST' },
      { htu: `${server.issuer}/api/v1/tokens` },
      { htu: 'https://elsewhere.example.com/api/v1/users/me' },
      { jti: undefined },
      { iat: undefined },
      { nonce: 7 },
    ];
    for (const wrong of claims)
      assert.equal(
        await present(await proveFor({ claims: wrong })),
        '401 invalid_dpop_proof',
        JSON.stringify(wrong),
      );
    assert.equal(await present('no JWT'), '401 invalid_dpop_proof');
    assert.equal(await present(await proveFor({}, await createProver())), '401 invalid_token');
  });

  it('is challenged by the scheme that was tried, which names the algorithms (RFC 9449 section 7.1)', async () => {
    const challengeTo = async (headers: Record<string, string>) =>
      (await showMe(server.issuer, headers)).headers.get('www-authenticate') ?? '';
    const algs = 'algs="ES256 Ed25519 EdDSA", resource_metadata="[^"]+"';
    const dpop = { authorization: `DPoP ${token}` };
    assert.match(await challengeTo(dpop), RegExp(`^DPoP error="invalid_dpop_proof", ${algs}$`));
    const unknown = { authorization: 'DPoP pst_at_nothing', dpop: await proveFor() };
    assert.match(
      await challengeTo(unknown),
      RegExp(`^DPoP error="invalid_token", ${algs}, Bearer resource_metadata="[^"]+"$`),
    );
    const bearer = { authorization: `Bearer ${token}` };
    assert.match(
      await challengeTo(bearer),
      RegExp(`^Bearer error="invalid_token", resource_metadata="[^"]+", DPoP ${algs}$`),
    );
    const proven = { ...dpop, dpop: await proveFor({ claims: { htu: `${server.issuer}/api/v1/tokens` } }) };
    const tokens = await createApiCaller(server.issuer, proven)('GET', '/tokens');
    assert.equal(tokens.status, 403);
    assert.equal(
      tokens.headers.get('www-authenticate'),
      'DPoP error="insufficient_scope", scope="tokens:read"',
    );
  });

  it('is asked for a nonce where the time of its proof is not ours, and good with it', async () => {
    const ask = async (claims: Record<string, unknown>) =>
      await showMe(server.issuer, { authorization: `DPoP ${token}`, dpop: await proveFor({ claims }) });
    for (const claims of [{ iat: 1_700_000_000 }, { nonce: 'not ours' }, { iat: 1, nonce: '' }]) {
      const asked = await ask(claims);
      assert.equal(verdictOf(asked), '401 use_dpop_nonce');
      assert.match(asked.headers.get('www-authenticate') ?? '', /^DPoP error="use_dpop_nonce"/);
      const nonce = asked.headers.get('dpop-nonce');
      assert.equal(verdictOf(await ask({ ...claims, nonce })), '200');
    }
  });

  it('is asked for a nonce always where its client must put one into proofs', async () => {
    await server.db.query(sql`update clients set require_dpop_nonce = true`);
    try {
      const asked = await showMe(server.issuer, { authorization: `DPoP ${token}`, dpop: await proveFor() });
      assert.equal(verdictOf(asked), '401 use_dpop_nonce');
      const nonce = asked.headers.get('dpop-nonce');
      assert.equal(await present(await proveFor({ claims: { nonce } })), '200');
    } finally {
      await server.db.query(sql`update clients set require_dpop_nonce = false`);
    }
  });

  it('is 401 with a proof that was used before, with or without a nonce', async () => {
    const first = await showMe(server.issuer, {
      authorization: `DPoP ${token}`,
      dpop: await proveFor({ claims: { iat: 1 } }),
    });
    for (const claims of [{}, { nonce: first.headers.get('dpop-nonce') }]) {
      const proof = await proveFor({ claims });
      assert.equal(await present(proof), '200');
      assert.equal(await present(proof), '401 invalid_dpop_proof');
    }
    const again = await proveFor();
    const both = await Promise.all(Array.from({ length: 10 }, () => present(again)));
    assert.equal(both.filter((verdict) => verdict === '200').length, 1);
  });

  it('is not made of one that is not bound, by a proof', async () => {
    const { access_token } = await requestOwnToken(server, ['members:read']);
    const proof = await proveFor({ claims: { ath: await hashOf(access_token) } });
    assert.equal(
      await judge(showMe(server.issuer, { authorization: `DPoP ${access_token}`, dpop: proof })),
      '401 invalid_token',
    );
  });
});

describe('an access token that is bound to a certificate', () => {
  it('is good with that certificate alone', async () => {
    const resource = `${server.issuer}/api`;
    const { basic } = await registerClient(server.db, {
      certificateBoundAccessTokens: true,
      allowed: { [resource]: ['members:read'] },
    });
    const [own, other] = [makeCertificate(), makeCertificate()];
    const form = { grant_type: 'client_credentials', resource };
    const { body } = await server.ask('/oauth/token', form, own, basic);
    const present = (shown?: typeof own) =>
      judge(
        showMe(server.issuer, {
          authorization: `Bearer ${body.access_token}`,
          ...(shown && { [certificateHeader]: byteSequence(shown) }),
        }),
      );
    assert.equal(await present(own), '200');
    assert.equal(await present(other), '401 invalid_token');
    assert.equal(await present(), '401 invalid_token');
  });
});
