import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApiCaller, createBrowserCaller, makeToken } from '../support/api.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let value: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_TOKEN_HEADER: 'X-Example-Token' } });
  value = (await makeToken(await createBrowserCaller(server.issuer))).value;
});
after(() => server.stop());

describe('a header of the operator’s own name', () => {
  it('takes a token', async () => {
    const { status } = await createApiCaller(server.issuer, { 'x-example-token': value })('GET', '/users/me');
    assert.equal(status, 200);
  });

  it('takes none beside another credential', async () => {
    const both = { 'x-example-token': value, authorization: `Bearer ${value}` };
    assert.equal((await createApiCaller(server.issuer, both)('GET', '/users/me')).status, 400);
  });
});
