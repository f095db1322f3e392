import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ApiCaller, createBrowserCaller, createTokenCaller, makeToken } from '../support/api.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let dashboard: ApiCaller;
before(async () => {
  server = await startServer();
  dashboard = await createBrowserCaller(server.issuer);
});
after(() => server.stop());

describe('an API that allows 60 requests a minute', () => {
  it('answers the 61st with 429 and when to come again, and nobody else’s', async () => {
    const { value } = await makeToken(dashboard);
    const call = createTokenCaller(server.issuer, value);
    const answers = await Promise.all(Array.from({ length: 61 }, () => call('GET', '/users/me')));
    assert.equal(answers.filter(({ status }) => status === 200).length, 60);
    const [late] = answers.filter(({ status }) => status === 429);
    assert.ok(Number(late?.headers.get('retry-after')) >= 1);
    assert.equal((await dashboard('GET', '/users/me')).status, 200);
  });
});
