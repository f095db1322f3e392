import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource, demoUser } from '../../src/development.ts';
import { type ApiCaller, createBrowserCaller, makeToken, problemsOf, signInToApi } from '../support/api.ts';
import type { Answer } from '../support/client.ts';
import { exchange } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let call: ApiCaller;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  call = await createBrowserCaller(server.issuer);
});
after(() => server.stop());

/** A problem as RFC 9457 has it, under the id that the log has. */
function assertProblem({ status, headers, body }: Answer, expected: number, code: string): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.equal(headers.get('content-type'), 'application/problem+json');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.deepEqual([body.type, body.status, body.code], ['about:blank', expected, code]);
  assert.equal(body.request_id, headers.get('x-request-id'));
  assert.ok(body.title !== '' && body.detail !== '');
}

describe('a body', () => {
  it('is JSON, or 415', async () => {
    const body = JSON.stringify({ name: 'a', permissions: {} });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', '']) {
      const answer = await call('POST', '/tokens', { body, headers: { 'content-type': type } });
      assertProblem(answer, 415, 'unsupported_media_type');
    }
  });

  it('that is no well-formed JSON is 400', async () => {
    for (const body of ['{', '{"name":', "{'name': 'a'}", 'undefined', '{"name":"a"}}', ' '])
      assertProblem(await call('POST', '/tokens', { body }), 400, 'bad_request');
  });

  it('with a NUL character anywhere in it is 400', async () => {
    const bodies = [{ name: 'a\0' }, { 'a\0': 1 }, { permissions: { 'https://a\0': [] } }, [[{ a: ['\0'] }]]];
    for (const body of bodies) assertProblem(await call('POST', '/tokens', { body }), 400, 'bad_request');
  });

  it('with one of our tokens in a text that is stored is refused, by field, and stores nothing', async () => {
    const { value } = await makeToken(call);
    const note = `for the backup: ${value}.`;
    const answer = await call('POST', '/tokens', { body: { name: value, note, permissions: {} } });
    assertProblem(answer, 422, 'unprocessable');
    const advice = 'this looks like a token; never write one where it is shown';
    assert.deepEqual(problemsOf(answer), [`#/name: ${advice}`, `#/note: ${advice}`]);
    const client = { grant_types: ['client_credentials'], resources: { [demoResource.uri]: ['read'] } };
    const named = await call('POST', '/clients', { body: { ...client, client_name: value } });
    assert.deepEqual(problemsOf(named), [`#/client_name: ${advice}`]);
    const listed = await call('GET', '/tokens?limit=100');
    assert.ok(!JSON.stringify(listed.body).includes(value));
    const almost = `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`;
    assert.equal((await call('POST', '/tokens', { body: { name: almost, permissions: {} } })).status, 201);
  });

  it('of more than 56 kB is 413', async () => {
    const body = { name: 'a'.repeat(57_344), permissions: {} };
    assertProblem(await call('POST', '/tokens', { body }), 413, 'payload_too_large');
  });

  it('that is nested as deeply as it is long is refused, and harms nobody', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const depth = Math.floor(50_000 / (open.length + close.length));
      const nest = `${open.repeat(depth)}1${close.repeat(depth)}`;
      for (const body of [
        nest,
        `{"name":${nest},"permissions":{}}`,
        `{"name":"a","permissions":{"a":${nest}}}`,
      ])
        for (const headers of [{}, { 'idempotency-key': crypto.randomUUID() }])
          assertProblem(await call('POST', '/tokens', { body, headers }), 400, 'bad_request');
    }
    assert.equal((await call('GET', '/users/me')).status, 200);
  });
});

describe('an operation without a body', () => {
  it('refuses one with 400, and does nothing', async () => {
    const { id } = await makeToken(call);
    const bodies = [{ reason: 'lost' }, '{}', ' ', 'a'.repeat(50_000)];
    for (const body of bodies) {
      for (const [method, path] of [
        ['POST', `/tokens/${id}/disable`],
        ['DELETE', `/tokens/${id}`],
      ] as const)
        assertProblem(await call(method, path, { body }), 400, 'bad_request');
    }
    assert.equal((await call('GET', `/tokens/${id}`)).body.state, 'active');
  });

  it('takes an empty one, however long it was said to be', async () => {
    const { id } = await makeToken(call);
    const empty = { headers: { 'content-type': 'application/json' }, body: '' };
    assert.equal((await call('POST', `/tokens/${id}/disable`, empty)).status, 200);
    const headers = { Host: new URL(server.issuer).host, ...(await signInToApi(server.issuer)) };
    const chunked = { ...headers, 'Transfer-Encoding': 'chunked' };
    const target = `/api/v1/tokens/${id}/enable`;
    const answer = await exchange(server.issuer, {
      method: 'POST',
      target,
      headers: chunked,
      body: '0\r\n\r\n',
    });
    assert.equal(answer.status, 200, answer.body);
  });
});

describe('422', () => {
  it('has one entry for each wrong field', async () => {
    const body = {
      name: ' ',
      note: 'a'.repeat(1001),
      permissions: { [demoResource.uri]: 'read' },
      expires_at: 'tomorrow',
      address_ranges: ['192.0.2.0/24', 'everywhere'],
      user_id: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
      owner: {},
    };
    const answer = await call('POST', '/tokens', { body });
    assertProblem(answer, 422, 'unprocessable');
    assert.deepEqual(problemsOf(answer).sort(), [
      '#/address_ranges/1: write an address such as 192.0.2.1, or a range such as 192.0.2.0/24',
      '#/expires_at: write a time such as 2030-01-31T12:00:00Z',
      '#/name: write 1 to 100 characters, none of them a control character',
      '#/note: write at most 1000 characters',
      '#/owner: there is no such field',
      '#/permissions/https%3A~1~1api.example.com: write a list of scopes',
      '#/user_id: there is no such field',
    ]);
  });

  it('names a permission that the caller lacks, in a resource whose name a pointer must escape', async () => {
    const permissions = { [demoResource.uri]: ['read', 'fly'], 'urn:a~b/c': ['d'] };
    const answer = await call('POST', '/tokens', { body: { name: 'a', permissions } });
    assertProblem(answer, 422, 'unprocessable');
    assert.deepEqual(problemsOf(answer).sort(), [
      '#/permissions/https%3A~1~1api.example.com: fly: this is more than the owner may do',
      '#/permissions/urn%3Aa~0b~1c: d: this is more than the owner may do',
    ]);
  });

  it('names members of an object that a program might mistake for its own', async () => {
    const body = '{"name":"a","permissions":{},"__proto__":{"note":"b"},"constructor":1}';
    const answer = await call('POST', '/tokens', { body });
    assertProblem(answer, 422, 'unprocessable');
    assert.deepEqual(problemsOf(answer), [
      '#/__proto__: there is no such field',
      '#/constructor: there is no such field',
    ]);
  });

  it('names a parameter with a NUL character, which no search could look for', async () => {
    const lists = ['tokens', 'shared-tokens', 'members', 'clients', 'resources'].map(
      (list) => `/${list}?search=`,
    );
    for (const place of [...lists, '/audit-events?actor=', '/audit-events?target=']) {
      const answer = await call('GET', `${place}a%00`);
      assertProblem(answer, 422, 'unprocessable');
      assert.equal(problemsOf(answer).length, 1);
    }
  });

  it('names each wrong parameter of the query and of the path', async () => {
    const wrong: [path: string, problems: string[]][] = [
      ['/tokens?limit=0', ['limit: write a number from 1 to 100']],
      ['/tokens?limit=101', ['limit: write a number from 1 to 100']],
      ['/tokens?limit=ten', ['limit: write a number from 1 to 100']],
      ['/tokens?limit=1.5', ['limit: write a number from 1 to 100']],
      ['/tokens?limit=', ['limit: write a number from 1 to 100']],
      ['/tokens?limit=5&limit=6', ['limit: give it once']],
      ['/tokens?owner=you&page=2', ['owner: write me or all', 'page: there is no such field']],
      ['/tokens?__proto__=1', ['__proto__: there is no such field']],
      ['/tokens?cursor=a', ['cursor: this is no cursor of this list']],
      ['/tokens/1', ['token_id: write the id of a token']],
      ['/tokens/%00', ['token_id: write the id of a token']],
      ['/users/me?a=1', ['a: there is no such field']],
    ];
    for (const [path, problems] of wrong) {
      const answer = await call('GET', path);
      assertProblem(answer, 422, 'unprocessable');
      assert.deepEqual(problemsOf(answer), problems, path);
    }
  });
});

describe('what is not there', () => {
  it('is 404 at every path below the API', async () => {
    const paths = ['/', '/nowhere', '/tokens/', '/Tokens', '/tokens/%ff', `/tokens/${crypto.randomUUID()}`];
    for (const path of paths) assertProblem(await call('GET', path), 404, 'not_found');
  });

  it('is 405 as a method, with those that there are', async () => {
    const answer = await call('PUT', '/tokens', { body: {} });
    assertProblem(answer, 405, 'method_not_allowed');
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
  });
});

describe('what is in the way', () => {
  it('is 409', async () => {
    const answer = await call('POST', '/invitations', { body: { email: demoUser.email } });
    assertProblem(answer, 409, 'conflict');
    assert.equal(answer.body.detail, `${demoUser.email} is a member already`);
  });

  it('is 412, if it was changed meanwhile', async () => {
    const { id } = await makeToken(call);
    const headers = { 'if-match': '"another"' };
    const answer = await call('PATCH', `/tokens/${id}`, { headers, body: { note: 'b' } });
    assertProblem(answer, 412, 'precondition_failed');
    assert.equal((await call('GET', `/tokens/${id}`)).body.note, '');
  });
});
