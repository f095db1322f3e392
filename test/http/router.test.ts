import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Handler, mountRoutes, paramsOf, type Route, restOf } from '../../src/http/router.ts';
import { openDoor } from './door.ts';

test('a wrong method is 405 with Allow, in the language of the route', async (t) => {
  const { origin } = await openDoor(t);
  const json = await fetch(`${origin}/form`, { method: 'DELETE', headers: { accept: 'text/html' } });
  assert.equal(json.status, 405);
  assert.equal(json.headers.get('allow'), 'POST, OPTIONS');
  assert.match(json.headers.get('content-type') ?? '', /^application\/json/);
  const page = await fetch(`${origin}/page`, { method: 'POST', headers: { accept: 'application/json' } });
  assert.equal(page.status, 405);
  assert.equal(page.headers.get('allow'), 'GET, HEAD, OPTIONS');
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
});

test('an unknown path is 404, in HTML only for who prefers it', async (t) => {
  const { origin } = await openDoor(t);
  const type = async (accept: string) => {
    const answer = await fetch(`${origin}/nothing`, { headers: { accept } });
    assert.equal(answer.status, 404);
    return answer.headers.get('content-type')?.split(';')[0];
  };
  assert.equal(await type('text/html,application/xhtml+xml,*/*;q=0.8'), 'text/html');
  assert.equal(await type('*/*'), 'application/json');
  assert.equal(await type('image/png'), 'application/json');
});

test('case and a slash at the end count', async (t) => {
  const { origin } = await openDoor(t);
  for (const path of ['/Page', '/page/', '//page', '/page%20', '/constructor', '/__proto__', '/%70age']) {
    assert.equal((await fetch(origin + path)).status, 404, path);
  }
});

test('HEAD is GET without the body, OPTIONS tells the methods', async (t) => {
  const { origin } = await openDoor(t);
  const head = await fetch(`${origin}/page`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), '34');
  assert.equal(await head.text(), '');
  const options = await fetch(`${origin}/page`, { method: 'OPTIONS' });
  assert.equal(options.status, 204);
  assert.equal(options.headers.get('allow'), 'GET, HEAD, OPTIONS');
});

test('routes move under the path of an issuer', () => {
  const route = { answers: 'json' as const };
  assert.deepEqual(Object.keys(mountRoutes('', { '/': route, '/a': route })), ['/', '/a']);
  assert.deepEqual(Object.keys(mountRoutes('/x', { '/': route, '/a': route })), ['/x/', '/x/a', '/x']);
});

test('a route that ends in a star answers every path below it that has none of its own', async (t) => {
  const tellRest: Handler = (ctx) => {
    ctx.body = { rest: restOf(ctx) };
  };
  const below: Route = { answers: 'json', GET: tellRest };
  const own: Route = { answers: 'json', PUT: tellRest, DELETE: tellRest };
  const { origin, lines } = await openDoor(t, { routes: { '/tree/*': below, '/tree/own': own } });
  for (const rest of ['leaf', 'a/b', 'a%2Fb', 'own/', '/', '*']) {
    const answer = await fetch(`${origin}/tree/${rest}?query`);
    assert.deepEqual(await answer.json(), { rest }, rest);
  }
  for (const path of ['/tree', '/tree/', '/trees', '/Tree/leaf']) {
    assert.equal((await fetch(origin + path)).status, 404, path);
  }
  assert.equal((await fetch(`${origin}/tree/own`, { method: 'PUT' })).status, 200);
  const wrong = await fetch(`${origin}/tree/own`);
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'PUT, DELETE, OPTIONS']);
  assert.equal(lines[0]?.path, '/tree/*');
});

test('a segment in braces stands for any one segment, and a path that says more of itself comes first', async (t) => {
  const tell =
    (name: string): Handler =>
    (ctx) => {
      ctx.body = { name, ...paramsOf(ctx) };
    };
  const { origin, lines } = await openDoor(t, {
    routes: {
      '/things/{thing}': { answers: 'problem', GET: tell('one') },
      '/things/mine': { answers: 'problem', PATCH: tell('mine') },
      '/things/{thing}/parts/{part}': { answers: 'problem', GET: tell('part') },
      '/things/{thing}/parts/first': { answers: 'problem', GET: tell('first') },
      '/things/*': { answers: 'problem' },
    },
  });
  const get = async (path: string) => (await fetch(origin + path)).json();
  assert.deepEqual(await get('/things/a%2Fb'), { name: 'one', thing: 'a/b' });
  assert.deepEqual(await get('/things/x/parts/y%20z'), { name: 'part', thing: 'x', part: 'y z' });
  assert.deepEqual(await get('/things/x/parts/first'), { name: 'first', thing: 'x' });
  assert.equal((await fetch(`${origin}/things/mine`)).headers.get('allow'), 'PATCH, OPTIONS');
  for (const path of ['/things/x/parts', '/things/x/', '/things/%FF', '/things/%']) {
    const answer = await fetch(origin + path);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json', path);
  }
  assert.equal(lines[0]?.path, '/things/{thing}');
});
