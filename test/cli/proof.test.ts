import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { accountTokens } from '../../src/cli/account.ts';
import { openCredentials } from '../../src/cli/credentials.ts';
import { createProofKey } from '../../src/cli/proof-key.ts';
import { sha256 } from '../../src/secret.ts';
import { makeHome, runCommand } from './terminal.ts';

const issuer = 'https://auth.example';
const signedInAt = new Date('2026-01-01T00:00:00Z');
const aMinuteLater = { now: () => new Date(signedInAt.getTime() + 60_000) };

async function signedIn(t: Parameters<typeof makeHome>[0], token_type: 'dpop' | 'bearer' = 'dpop') {
  const env = await makeHome(t);
  const key = createProofKey();
  await openCredentials(env).add({
    issuer,
    client_id: 'cli',
    token_endpoint: `${issuer}/oauth/token`,
    ...accountTokens({ access_token: 'pst_at_x', token_type, expires_in: 3600 }, { scope: '' }, signedInAt),
    ...(token_type === 'dpop' && { dpop_key: key }),
  });
  const run = (...argv: string[]) => runCommand(['proof', ...argv], { env, clock: aMinuteLater });
  return { key, run };
}

const verify = (proof: string) =>
  jwtVerify(proof, EmbeddedJWK, { algorithms: ['ES256'], typ: 'dpop+jwt', currentDate: aMinuteLater.now() });

test('a proof is for one request with the token of the sign-in, by its key', async (t) => {
  const { key, run } = await signedIn(t);
  const { exitCode, stdout, stderr } = await run('post', 'https://api.example/orders?a=b#c', '--nonce', 'n1');
  assert.deepEqual([exitCode, stderr], [0, '']);
  const { payload, protectedHeader } = await verify(stdout.trim());
  const { jti, ...claims } = payload;
  assert.match(String(jti), /^[\w-]{36}$/);
  assert.deepEqual(claims, {
    htm: 'POST',
    htu: 'https://api.example/orders',
    iat: signedInAt.getTime() / 1000 + 60,
    ath: sha256('pst_at_x').toString('base64url'),
    nonce: 'n1',
  });
  const jwk = protectedHeader.jwk ?? {};
  assert.deepEqual(Object.keys(jwk).sort(), ['crv', 'kty', 'x', 'y'], 'the private part stays here');
  assert.equal(await calculateJwkThumbprint(jwk), await calculateJwkThumbprint(key));
});

test('no two proofs are the same', async (t) => {
  const { run } = await signedIn(t);
  const address = 'https://api.example/';
  assert.notEqual((await run('GET', address)).stdout, (await run('GET', address)).stdout);
});

test('with --headers token and proof come as curl reads them, with --json as JSON', async (t) => {
  const { run } = await signedIn(t);
  const { stdout } = await run('GET', 'https://api.example/', '--headers');
  const [, proof = ''] = /^Authorization: DPoP pst_at_x\nDPoP: (\S+)\n$/.exec(stdout) ?? [];
  assert.equal((await verify(proof)).payload.htm, 'GET');
  const json = JSON.parse((await run('GET', 'https://api.example/', '--json')).stdout);
  assert.deepEqual([json.access_token, json.token_type], ['pst_at_x', 'dpop']);
  assert.ok(await verify(json.proof));
});

test('a bearer token has no proof, and the failure says how to get one that has', async (t) => {
  const { run } = await signedIn(t, 'bearer');
  assert.deepEqual(await run('GET', 'https://api.example/'), {
    exitCode: 1,
    stdout: '',
    stderr: `postern: The token is a bearer token and needs no proof; for one that is bound to a key, run postern login --issuer ${issuer}\n`,
  });
});

test('what is no request is a mistake of usage', async (t) => {
  const { run } = await signedIn(t);
  for (const argv of [
    ['GET', 'api.example'],
    ['GET', 'file:///etc/passwd'],
    ['G T', 'https://api.example/'],
  ]) {
    const { exitCode, stdout } = await run(...argv);
    assert.deepEqual([exitCode, stdout], [2, '']);
  }
});
