import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exchange, type RawAnswer } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const posted = ['/oauth/token', '/oauth/device_authorization', '/oauth/introspect', '/oauth/revoke'];
const read = [
  '/.well-known/jwks.json',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/health/live',
  '/health/ready',
];

function ask(method: string, target: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  return exchange(server.issuer, { method, target, headers: { Host: 'localhost', ...headers } });
}

describe('a method that a path does not have', () => {
  it('is 405 with Allow, in JSON at every endpoint of the protocol, whatever Accept says', async () => {
    const wrong = [
      ...posted.flatMap((path) => ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, path])),
      ...read.flatMap((path) => ['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, path])),
    ];
    for (const [method = '', path = ''] of wrong) {
      const { status, headers, body } = await ask(method, path, { Accept: 'text/html' });
      assert.equal(status, 405, `${method} ${path}`);
      assert.equal(headers.get('allow'), posted.includes(path) ? 'POST, OPTIONS' : 'GET, HEAD, OPTIONS');
      assert.match(headers.get('content-type') ?? '', /^application\/json/);
      if (method !== 'HEAD') assert.equal(JSON.parse(body).error, 'method_not_allowed');
    }
  });

  it('is a page at a page', async () => {
    const { status, headers } = await ask('DELETE', '/device');
    assert.equal(status, 405);
    assert.equal(headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
  });

  it('is told by OPTIONS, which opens nothing to other origins', async () => {
    for (const path of posted) {
      const { status, headers } = await ask('OPTIONS', path, {
        Origin: 'https://evil.example',
        'Access-Control-Request-Method': 'POST',
      });
      assert.deepEqual([status, headers.get('allow')], [204, 'POST, OPTIONS']);
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
  });
});

describe('a path that is not there', () => {
  it('is 404, as a page only for who prefers one', async () => {
    const types = { '': 'application/json', '*/*': 'application/json', 'text/html': 'text/html' };
    for (const [accept, type] of Object.entries(types)) {
      const { status, headers } = await ask('GET', '/nothing/here', accept ? { Accept: accept } : {});
      assert.equal(status, 404);
      assert.match(headers.get('content-type') ?? '', new RegExp(`^${type}`));
    }
  });

  it('is every other spelling of one that is, so that none slips past a limit', async () => {
    const spellings = [
      '/OAuth/Token',
      '/oauth/TOKEN',
      '/oauth/token/',
      '//oauth/token',
      '/oauth//token',
      '/oauth/./token',
      '/oauth/x/../token',
      '/oauth%2Ftoken',
      '/oauth/%74oken',
      '/oauth/token;x=1',
      '/oauth/token%20',
      '/Device',
      '/device/',
      '/sign-in/',
    ];
    for (const path of spellings) {
      const { status } = await ask('POST', path, {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': '0',
      });
      assert.equal(status, 404, path);
    }
  });

  it('is every path that the engine would offer by itself', async () => {
    const paths = ['/auth', '/token', '/me', '/jwks', '/request', '/session/end', '/reg', '/device/auth'];
    for (const path of [...paths, '/oauth/authorize', '/interaction/x', '/device/x']) {
      for (const method of ['GET', 'POST']) assert.equal((await ask(method, path)).status, 404, path);
    }
  });
});
