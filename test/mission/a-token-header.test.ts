import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { createApiCaller, createBrowserCaller, makeToken } from '../support/api.ts';
import { basic } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let key: string;
before(async () => {
  server = await startServer();
  key = (await makeToken(await createBrowserCaller(server.issuer))).value;
});
after(() => server.stop());

const showMe = (authorization: string) =>
  createApiCaller(server.issuer, { authorization })('GET', '/users/me');

describe('a versioned REST API with API keys', () => {
  it('takes the key as Authorization: Token, and answers in JSON', async () => {
    const { status, headers, body } = await showMe(`Token ${key}`);
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(body.email, demoUser.email);
  });

  it('takes the key behind its person’s address as Authorization: Basic, as older clients send it', async () => {
    const { status, body } = await showMe(basic(`${demoUser.email}:${key}`));
    assert.equal(status, 200);
    assert.equal(body.email, demoUser.email);
    assert.equal((await showMe(basic(`somebody@example.com:${key}`))).status, 401);
  });
});
