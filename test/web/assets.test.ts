import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAssetRoutes } from '../../src/web/assets.ts';
import { openDoor } from '../http/door.ts';

test('a stylesheet and an icon may be kept, and are not sent again while they are the same', async (t) => {
  const { origin, exchange } = await openDoor(t, { routes: createAssetRoutes() });
  for (const [name, type] of [
    ['reference.css', 'text/css; charset=utf-8'],
    ['favicon.svg', 'image/svg+xml'],
  ] as const) {
    const first = await fetch(`${origin}/assets/${name}`);
    assert.equal(first.status, 200);
    assert.equal(first.headers.get('content-type'), type);
    assert.equal(first.headers.get('cache-control'), 'public, max-age=3600');
    assert.ok((await first.text()).length > 0);
    const etag = first.headers.get('etag') ?? '';
    const again = await exchange(
      `GET /assets/${name} HTTP/1.1\r\nHost: x\r\nIf-None-Match: ${etag}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(again, /^HTTP\/1\.1 304 /);
    assert.ok(again.endsWith('\r\n\r\n'));
  }
});

test('a text is sent in gzip to who takes it', async (t) => {
  const { origin } = await openDoor(t, { routes: createAssetRoutes() });
  const ask = (headers: Record<string, string>) =>
    fetch(`${origin}/assets/swagger-ui-bundle.js`, { headers });
  const [zipped, plain] = [await ask({}), await ask({ 'accept-encoding': 'identity' })];
  assert.equal(zipped.headers.get('content-encoding'), 'gzip');
  assert.equal(plain.headers.get('content-encoding'), null);
  const sizeOf = ({ headers }: Response) => Number(headers.get('content-length'));
  assert.ok(sizeOf(zipped) < sizeOf(plain) / 2);
  assert.equal(await zipped.text(), await plain.text());
  for (const { headers } of [zipped, plain]) assert.equal(headers.get('vary'), 'Accept-Encoding');
});

test('nothing else is served from the folder', async (t) => {
  const { exchange } = await openDoor(t, { routes: createAssetRoutes() });
  for (const path of [
    '/assets/',
    '/assets/../layout.ts',
    '/assets/%2e%2e/layout.ts',
    '/assets/nothing.css',
  ]) {
    const answer = await exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 404 /, path);
  }
});
