import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { demoMachine, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { post } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await server.db.query(sql`
    update resources set access_token_format = 'jwt', access_token_seconds = 3600 where uri = ${demoResource.uri}`);
});
after(() => server.stop());

const form = {
  grant_type: 'client_credentials',
  client_id: demoMachine.id,
  client_secret: demoMachine.secret,
};

describe('POST /oauth/token with a form', () => {
  it('answers with a JWT, its type, its seconds and its scope', async () => {
    const { status, body } = await post(`${server.issuer}/oauth/token`, { ...form, scope: 'read write' });
    assert.equal(status, 200);
    assert.equal(decodeProtectedHeader(body.access_token).typ, 'at+jwt');
    assert.equal(body.token_type.toLowerCase(), 'bearer');
    assert.deepEqual([body.expires_in, body.scope], [3600, 'read write']);
  });

  it('needs no scope', async () => {
    const { status, body } = await post(`${server.issuer}/oauth/token`, form);
    assert.deepEqual([status, body.scope], [200, 'read write']);
  });

  it('answers a wrong secret with exactly this', async () => {
    const answer = await post(`${server.issuer}/oauth/token`, { ...form, client_secret: 'wrong' });
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.body, {
      error: 'invalid_client',
      error_description: 'Client authentication failed',
    });
  });
});
