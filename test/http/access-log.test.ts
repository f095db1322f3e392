import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { openDoor } from './door.ts';

test('each request is one line, without its query, headers and body', async (t) => {
  const { origin, server, lines } = await openDoor(t);
  const closed = once(server, 'request').then(([, res]) => once(res, 'close'));
  const token = `pst_at_${'a'.repeat(55)}`;
  await fetch(`${origin}/form?user_code=BCDF-GHJK`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      cookie: 'session=secret-session',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'password=correct+horse',
  });
  await closed;
  assert.equal(lines.length, 1);
  const { request_id, ms, time, ...rest } = lines[0] ?? {};
  assert.deepEqual(rest, {
    level: 'info',
    method: 'POST',
    path: '/form',
    status: 200,
    bytes: 51,
    address: '127.0.0.1',
    msg: 'request',
  });
  assert.ok(typeof request_id === 'string' && typeof ms === 'number' && typeof time === 'string');
  assert.doesNotMatch(JSON.stringify(lines), /BCDF|secret-session|horse|pst_at/);
});

test('a token in a path is not logged', async (t) => {
  const { origin, server, lines } = await openDoor(t);
  const closed = once(server, 'request').then(([, res]) => once(res, 'close'));
  await fetch(`${origin}/oops/pst_at_${'a'.repeat(55)}`);
  await closed;
  assert.equal(lines[0]?.path, '/oops/[redacted]');
});

test('a request id is believed from a trusted proxy only, and only if it is well-formed', async (t) => {
  const stranger = await openDoor(t);
  const proxy = await openDoor(t, { trustedProxies: ['127.0.0.0/8'] });
  const id = async (origin: string, given: string) =>
    (await fetch(`${origin}/page`, { headers: { 'x-request-id': given } })).headers.get('x-request-id');
  assert.equal(await id(proxy.origin, 'edge-0123.abc'), 'edge-0123.abc');
  assert.notEqual(await id(stranger.origin, 'edge-0123.abc'), 'edge-0123.abc');
  for (const odd of ['short', 'a'.repeat(65), '{"a":"bbbbbbbb"}', 'has space in it']) {
    assert.match((await id(proxy.origin, odd)) ?? '', /^[0-9a-f-]{36}$/);
  }
});

test('every answer carries the security headers, an error too', async (t) => {
  const { origin } = await openDoor(t);
  for (const path of ['/page', '/nothing']) {
    const { headers } = await fetch(origin + path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('strict-transport-security'), 'max-age=63072000');
    assert.equal(headers.get('x-powered-by'), null);
  }
  const plain = await openDoor(t, { issuer: 'http://localhost:8628' });
  assert.equal((await fetch(`${plain.origin}/page`)).headers.get('strict-transport-security'), null);
});
