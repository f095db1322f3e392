import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenCaller, requestOwnToken } from '../support/api.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await server.db.query(sql`update resources set access_token_format = 'jwt'`);
});
after(() => server.stop());

describe('an API whose every call carries a JWT', () => {
  it('gets one that anybody can verify with the published keys', async () => {
    const { issuer } = server;
    const { access_token } = await requestOwnToken(server, ['tokens:read']);
    const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(access_token, keys, {
      issuer,
      audience: `${issuer}/api`,
      typ: 'at+jwt',
    });
    assert.equal(payload.scope, 'tokens:read');
    assert.equal((await createTokenCaller(issuer, access_token)('GET', '/users/me')).status, 200);
  });

  it('refuses every call without one, and one whose signature was changed', async () => {
    const { issuer } = server;
    const { access_token } = await requestOwnToken(server, ['tokens:read']);
    assert.equal((await fetch(`${issuer}/api/v1/users/me`)).status, 401);
    const [header = '', payload = '', signature = ''] = access_token.split('.');
    const forged = [header, payload, signature.replace(/^./, signature.startsWith('A') ? 'B' : 'A')].join(
      '.',
    );
    assert.equal((await createTokenCaller(issuer, forged)('GET', '/users/me')).status, 401);
  });
});
