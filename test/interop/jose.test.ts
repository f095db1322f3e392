import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { demoResource } from '../../src/development.ts';
import { rotateKeys } from '../../src/keys/rotation.ts';
import { announceKeys } from '../../src/keys/signing-key.ts';
import { sql } from '../../src/postgres/sql.ts';
import { requestMachineToken } from '../support/client.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

const change = { secrets: [testSecret] as const };

let server: TestServer;
before(async () => {
  server = await startServer();
  await server.db.query(sql`update resources set access_token_format = 'jwt'`);
});
after(() => server.stop());

/** A token, and the key that it names. */
async function issue(): Promise<{ token: string; kid: string | undefined }> {
  const { status, body } = await requestMachineToken(server.issuer);
  assert.equal(status, 200);
  return { token: body.access_token, kid: decodeProtectedHeader(body.access_token).kid };
}

/** The first token that is signed with another key than this one. */
async function issueWithNextKey(
  kid: string | undefined,
): Promise<{ token: string; kid: string | undefined }> {
  const limit = AbortSignal.timeout(60_000);
  for (;;) {
    const issued = await issue();
    if (issued.kid !== kid) return issued;
    assert.ok(!limit.aborted, 'the next key signs');
  }
}

describe('an API with jose, started once', () => {
  const url = () => new URL(`${server.issuer}/.well-known/jwks.json`);
  const expected = () => ({ issuer: server.issuer, audience: demoResource.uri, typ: 'at+jwt' });

  it('verifies tokens of the old key and of the new one across a rotation, without a restart', async () => {
    // By its defaults: keys are kept for ten minutes, and fetched again at most every thirty seconds.
    const keys = createRemoteJWKSet(url());
    const old = await issue();
    await jwtVerify(old.token, keys, expected());

    await rotateKeys(server.db, { ...change, isImmediate: false });
    const limit = AbortSignal.timeout(60_000);
    while (keys.jwks()?.keys.length !== 2) {
      assert.ok(!limit.aborted, 'the next key is published');
      await keys.reload();
    }
    const between = await issue();
    assert.equal(between.kid, old.kid, 'the next key is published before it signs');
    await jwtVerify(between.token, keys, expected());

    // Time goes by, until the next key has been published for long enough.
    await server.db.query(
      sql`update signing_keys set created_at = created_at - interval '7 minutes' where activated_at is null`,
    );
    await announceKeys(server.db);
    const next = await issueWithNextKey(old.kid);
    const known = keys.jwks()?.keys.map(({ kid }) => kid);
    for (const { token, kid } of [old, between, next]) {
      assert.ok(known?.includes(kid ?? ''), 'no key had to be fetched for it');
      await jwtVerify(token, keys, expected());
    }
  });

  it('fetches a key that it has not seen, also of a rotation at once', async () => {
    const keys = createRemoteJWKSet(url(), { cooldownDuration: 0 });
    const old = await issue();
    await jwtVerify(old.token, keys, expected());
    await rotateKeys(server.db, { ...change, isImmediate: true });
    const next = await issueWithNextKey(old.kid);
    for (const { token } of [next, old]) await jwtVerify(token, keys, expected());
  });
});
