import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoMachine } from '../../src/development.ts';
import { exchange } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { watchTraffic } from '../support/traffic.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

describe('what the search for secrets looks for', () => {
  it('is also what passes over a connection that is not of `fetch`, such as a browser’s', async () => {
    const end = new AbortController();
    const shown = watchTraffic(end.signal);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: demoMachine.id,
      client_secret: demoMachine.secret,
    }).toString();
    const request = {
      target: '/oauth/token',
      method: 'POST',
      headers: {
        Host: new URL(server.url).host,
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': String(body.length),
      },
      body,
    };
    const answer = await exchange(server.url, request);
    end.abort();
    const { access_token } = JSON.parse(answer.body);
    assert.equal(shown.get(demoMachine.secret), 'client_secret');
    assert.equal(shown.get(access_token), 'access_token');
    const { size } = shown;
    await exchange(server.url, request);
    assert.equal(shown.size, size);
  });
});
