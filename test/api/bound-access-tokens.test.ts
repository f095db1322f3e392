import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { requestOwnToken, showMe, verdictOf } from '../support/api.ts';
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
    assert.equal(await present(undefined), '401 invalid_token');
    assert.equal(await present(await proveFor(), 'Bearer'), '401 invalid_token');
    const other = await hashOf('another token');
    const claims: Record<string, unknown>[] = [
      { ath: undefined },
      { ath: other },
      { htm: 'POST' },
      { htu: `${server.issuer}/api/v1/tokens` },
      { htu: 'https://elsewhere.example.com/api/v1/users/me' },
      { jti: undefined },
      { iat: 1_700_000_000 },
    ];
    for (const wrong of claims)
      assert.equal(
        await present(await proveFor({ claims: wrong })),
        '401 invalid_token',
        JSON.stringify(wrong),
      );
    assert.equal(await present(await proveFor({}, await createProver())), '401 invalid_token');
  });

  it('is 401 with a proof that was used before', async () => {
    const proof = await proveFor();
    assert.equal(await present(proof), '200');
    assert.equal(await present(proof), '401 invalid_token');
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
