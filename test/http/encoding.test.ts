import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import Koa from 'koa';
import { encoding } from '../../src/http/encoding.ts';
import { createServer, listen } from '../../src/http/server.ts';

const style = 'p { margin: 0; color: #123456; }\n'.repeat(500);
const pageOf = (text: string) => `<!doctype html><style>${style}</style><p>${text}</p>`;

/** A server whose every answer is this; asks it with this `Accept-Encoding`. */
async function serve(t: TestContext, body: string, type = 'html') {
  const koa = new Koa();
  koa.use(encoding(style));
  koa.use((ctx) => {
    ctx.type = type;
    ctx.body = body;
  });
  const server = createServer(koa.callback());
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return async (accepted?: string, method = 'GET') => {
    const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
    const [answer] = await once(request({ port, method, headers, agent: false }).end(), 'response');
    return { headers: answer.headers, bytes: await buffer(answer) };
  };
}

test('a page goes out in gzip to who takes it, and comes out as it was', async (t) => {
  const long = 'é'.repeat(70_000);
  for (const text of ['', 'short', long]) {
    const ask = await serve(t, pageOf(text));
    const plain = await ask();
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.bytes.toString(), pageOf(text));
    for (const accepted of ['gzip', 'gzip, deflate, br, zstd', 'br;q=1.0, gzip;q=0.5', '*']) {
      const { headers, bytes } = await ask(accepted);
      assert.equal(headers['content-encoding'], 'gzip', accepted);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(headers.vary, 'Accept-Encoding');
      assert.equal(headers['content-length'], String(bytes.length));
      assert.equal(gunzipSync(bytes).toString(), pageOf(text));
      assert.ok(bytes.length < Buffer.byteLength(text) + 500, `${bytes.length}`);
    }
    for (const accepted of ['identity', 'br', 'gzip;q=0', ''])
      assert.equal((await ask(accepted)).headers['content-encoding'], undefined, accepted);
    const { headers, bytes } = await ask('gzip', 'HEAD');
    assert.deepEqual([headers['content-encoding'], bytes.length], ['gzip', 0]);
  }
});

test('the length of a page tells nothing of what is in it', async (t) => {
  const secret = 'Zx4-wq8Kp0aR3uVn';
  const sizeWith = async (guess: string) => {
    const ask = await serve(
      t,
      pageOf(`csrf=${secret} you wrote csrf=${guess} ${'p { margin: 0;'.repeat(9)}`),
    );
    return (await ask('gzip')).bytes.length;
  };
  assert.equal(await sizeWith(secret), await sizeWith('oD7tYh1mLs9cJe2G'));
});

test('what is no page, or has not the style of all, goes out as it is', async (t) => {
  for (const [body, type] of [
    [pageOf('data'), 'json'],
    ['<!doctype html><p>bare</p>', 'html'],
  ] as const) {
    const ask = await serve(t, body, type);
    const { headers, bytes } = await ask('gzip');
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(bytes.toString(), body);
  }
});
