import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { createServer, listen } from '../../src/http/server.ts';
import { inRoot } from '../../src/root.ts';
import { openDoor } from './door.ts';

const isConfiguration = (name: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === 'configuration' && name.test(error.message);

test('a port that is taken is told by its number', async (t) => {
  const { port } = await openDoor(t);
  const second = createServer(() => undefined);
  await assert.rejects(
    listen(second, { host: '127.0.0.1', port }),
    isConfiguration(new RegExp(`${port}.*IN_?USE`)),
  );
});

test('a certificate that is missing or none at all is told by its file', () => {
  const file = inRoot('package.json');
  assert.throws(
    () => createServer(() => undefined, { cert: '/nowhere.pem', key: file }),
    isConfiguration(/nowhere\.pem \(ENOENT\)/),
  );
  assert.throws(
    () => createServer(() => undefined, { cert: file, key: file }),
    isConfiguration(/package\.json/),
  );
});

test('headers past 16 kB are 431, a request that is not HTTP is 400', async (t) => {
  const { exchange } = await openDoor(t);
  const long = await exchange(`GET /page HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(20_000)}\r\n\r\n`);
  assert.match(long, /^HTTP\/1\.1 431 /);
  assert.match(await exchange('HELO there\r\n\r\n'), /^HTTP\/1\.1 400 /);
  const smuggled =
    'POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  assert.match(await exchange(smuggled), /^HTTP\/1\.1 400 /);
});
