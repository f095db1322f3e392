import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { demoCli } from '../../src/development.ts';
import { basic, credentials, post } from '../support/client.ts';
import { exchange, type RawAnswer } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const form = 'application/x-www-form-urlencoded';
const endpoints = {
  '/oauth/token': 'grant_type=client_credentials',
  '/oauth/introspect': 'token=x',
  '/oauth/revoke': 'token=x',
  '/oauth/device_authorization': '',
};
const paths = Object.keys(endpoints) as (keyof typeof endpoints)[];

/** A request of the demo machine, exactly as it is given. */
function send(
  target: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  return exchange(server.issuer, {
    method: 'POST',
    target,
    body,
    headers: {
      Host: 'localhost',
      Authorization: basic(credentials.machine),
      'Content-Type': form,
      ...(headers['Transfer-Encoding'] ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  });
}

function errorOf({ status, body, headers }: RawAnswer) {
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  return [status, JSON.parse(body).error];
}

describe('the body of a request', { concurrency: true }, () => {
  it('may have 56 kB; one byte more is 413 and closes the connection, at every endpoint', async () => {
    const start = 'grant_type=client_credentials&padding=';
    const fits = start + 'x'.repeat(57_344 - start.length);
    assert.equal((await send('/oauth/token', fits)).status, 200);
    for (const path of [...paths, '/sign-in', '/device']) {
      const answer = await send(path, `${fits}x`);
      assert.equal(answer.status, 413, path);
      assert.equal(answer.headers.get('connection'), 'close');
    }
    assert.deepEqual(errorOf(await send('/oauth/token', `${fits}x`)), [413, 'invalid_request']);
  });

  it('is cut off at the same size when it is chunked and says no length', async () => {
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
    const headers = { 'Transfer-Encoding': 'chunked' };
    assert.equal((await send('/oauth/token', `${chunk.repeat(15)}0\r\n\r\n`, headers)).status, 413);
    const small = '1d\r\ngrant_type=client_credentials\r\n0\r\n\r\n';
    assert.equal((await send('/oauth/token', small, headers)).status, 200);
  });

  it('may not have very many parameters, and they cost no time', async () => {
    const before = process.cpuUsage();
    const start = 'grant_type=client_credentials';
    assert.equal((await send('/oauth/token', start + '&a'.repeat(99))).status, 200);
    for (const [count, status] of [
      [100, 400],
      [28_000, 400],
      [100_000, 413],
    ] as const) {
      const answer = await send('/oauth/token', start + '&a'.repeat(count));
      assert.deepEqual(errorOf(answer), [status, 'invalid_request'], `${count}`);
    }
    assert.ok(process.cpuUsage(before).user < 5_000_000);
  });

  it('may not repeat a parameter (RFC 6749 section 3.2)', async () => {
    const repeated: [string, string][] = [
      ['/oauth/token', 'grant_type=client_credentials&grant_type=client_credentials'],
      ['/oauth/token', 'grant_type=client_credentials&scope=read&scope=write'],
      ['/oauth/token', 'grant_type=client_credentials&client_id=demo-machine&client_id=demo-api'],
      ['/oauth/introspect', 'token=a&token=b'],
      ['/oauth/revoke', 'token=a&token=b'],
    ];
    for (const [path, body] of repeated) {
      assert.deepEqual(errorOf(await send(path, body)), [400, 'invalid_request'], body);
    }
    const repeatedByPublic: [string, string][] = [
      ['/oauth/token', 'grant_type=refresh_token&refresh_token=a&refresh_token=b'],
      ['/oauth/token', 'grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=a&device_code=b'],
      ['/oauth/device_authorization', 'scope=read&scope=write'],
    ];
    for (const [path, form] of repeatedByPublic) {
      const { status, body } = await post(server.issuer + path, `client_id=${demoCli.id}&${form}`);
      assert.deepEqual([status, body.error], [400, 'invalid_request'], form);
    }
  });

  it('may have names that mean something elsewhere', async () => {
    for (const name of [
      'a[b]',
      'scope[]',
      '__proto__',
      'constructor',
      'hasOwnProperty',
      '__proto__[scope]',
      '',
    ]) {
      const answer = await send('/oauth/token', `grant_type=client_credentials&scope=read&${name}=write`);
      assert.equal(answer.status, 200, name);
      assert.equal(JSON.parse(answer.body).scope, 'read', name);
    }
  });

  it('must be a plain form', async () => {
    const body = endpoints['/oauth/token'];
    const types = [
      'application/json',
      'multipart/form-data; boundary=x',
      'text/plain',
      `${form}; charset=utf-16`,
    ];
    for (const path of paths) {
      for (const type of types) {
        const answer = await send(path, body || 'scope=read', { 'Content-Type': type });
        assert.deepEqual(errorOf(answer), [415, 'invalid_request'], `${path} ${type}`);
      }
      const answer = await send(path, gzipSync(body || 'scope=read'), { 'Content-Encoding': 'gzip' });
      assert.deepEqual(errorOf(answer), [415, 'invalid_request'], `${path} gzip`);
    }
  });

  it('has ten seconds to arrive', async () => {
    // Node's own refusal comes after thirty, and is no JSON.
    const answers = await Promise.all(paths.map((path) => send(path, 'grant_', { 'Content-Length': '29' })));
    for (const answer of answers) {
      assert.deepEqual(errorOf(answer), [408, 'invalid_request']);
      assert.equal(answer.headers.get('connection'), 'close');
    }
  });
});
