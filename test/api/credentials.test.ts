import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoApi } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import {
  createApiCaller,
  createBrowserCaller,
  createTokenCaller,
  makeToken,
  showMe,
  signInToApi,
  verdictOf,
} from '../support/api.ts';
import { type Answer, basic } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({
    settings: {
      POSTERN_API_RATE_LIMIT: '100000',
      POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1',
      POSTERN_TOKEN_HEADER: 'X-Example-Token',
    },
  });
});
after(() => server.stop());

const judge = async (answer: Promise<Answer>) => verdictOf(await answer);

describe('somebody without a credential', () => {
  it('is told with 401 where to learn how to get one', async () => {
    const { status, headers, body } = await showMe(server.issuer, {});
    assert.deepEqual([status, body.code], [401, 'not_signed_in']);
    const challenge = headers.get('www-authenticate') ?? '';
    const url = /^Bearer resource_metadata="([^"]+)", DPoP algs="ES256 [^"]+", resource_metadata="\1"$/.exec(
      challenge,
    )?.[1];
    assert.ok(url, challenge);
    const metadata = (await (await fetch(url)).json()) as Record<string, string[]>;
    assert.equal(metadata.resource, `${server.issuer}/api`);
    assert.deepEqual(metadata.authorization_servers, [server.issuer]);
    assert.ok(metadata.scopes_supported?.includes('tokens:read'));
  });

  it('is told so by an issuer with a path too', async () => {
    const other = await startServer({ path: '/some/path' });
    const { headers } = await createApiCaller(other.issuer)('GET', '/users/me');
    const url = /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '')?.[1] ?? '';
    assert.equal(url, `${other.url}/.well-known/oauth-protected-resource/some/path/api`);
    assert.match(await (await fetch(url)).text(), /"resource":"[^"]+\/some\/path\/api"/);
    await other.stop();
  });

  it('learns nothing of what there is', async () => {
    const call = createApiCaller(server.issuer);
    for (const path of ['/tokens', '/members/x', '/tokens/00000000-0000-4000-8000-000000000000'])
      assert.equal(await judge(call('GET', path)), '401');
    assert.equal(await judge(call('POST', '/tokens', { body: '{' })), '401');
  });
});

describe('an API token', () => {
  let value: string;
  before(async () => {
    const call = await createBrowserCaller(server.issuer);
    value = (await makeToken(call, { permissions: { [`${server.issuer}/api`]: ['members:read'] } })).value;
  });

  it('may do what was chosen for it and no more', async () => {
    const token = createTokenCaller(server.issuer, value);
    assert.equal(await judge(token('GET', '/members')), '200');
    assert.equal(await judge(token('GET', '/tokens')), '403 insufficient_scope');
  });

  it('beside another credential is 400', async () => {
    const authorization = `Bearer ${value}`;
    assert.equal(
      await judge(showMe(server.issuer, { authorization, 'x-example-token': value })),
      '400 invalid_request',
    );
    assert.equal(await judge(showMe(server.issuer, { 'x-example-token': value })), '200');
  });

  it('is 401 in any scheme that is none of ours', async () => {
    for (const scheme of ['Digest', 'Negotiate', 'DPoP', 'ApiKey'])
      assert.equal(
        await judge(showMe(server.issuer, { authorization: `${scheme} ${value}` })),
        '401 invalid_token',
        scheme,
      );
    assert.equal(await judge(showMe(server.issuer, { authorization: value })), '401 invalid_token');
    assert.equal(
      await judge(showMe(server.issuer, { authorization: basic(`${demoApi.id}:${demoApi.secret}`) })),
      '401 invalid_token',
    );
  });

  it('is never read from the address', async () => {
    assert.equal(
      await judge(createApiCaller(server.issuer)('GET', `/users/me?access_token=${value}`)),
      '401',
    );
  });
});

describe('the session of a browser', () => {
  it('is good with the token that its page was given, from the page’s own origin', async () => {
    const headers = await signInToApi(server.issuer);
    const me = await showMe(server.issuer, headers);
    assert.deepEqual([me.status, me.body.presented], [200, 'session']);
    const { origin: _, ...withoutOrigin } = headers;
    assert.equal(await judge(showMe(server.issuer, withoutOrigin)), '200');
  });

  it('is 401 by its cookie alone, with another token, and from another origin', async () => {
    const headers = await signInToApi(server.issuer);
    const other = await signInToApi(server.issuer);
    const { 'x-csrf-token': token, ...cookieAlone } = headers;
    const altered = `${token.slice(0, -2)}${token.endsWith('A') ? 'B' : 'A'}`;
    const wrong: Record<string, string>[] = [
      cookieAlone,
      { ...cookieAlone, 'sec-fetch-site': 'same-origin' },
      { ...headers, 'x-csrf-token': other['x-csrf-token'] },
      { ...headers, 'x-csrf-token': altered },
      { ...headers, origin: 'https://elsewhere.example.com' },
      { ...headers, origin: 'null' },
      { ...headers, 'sec-fetch-site': 'same-site' },
      { ...headers, 'sec-fetch-site': 'cross-site' },
      { 'x-csrf-token': token },
    ];
    for (const each of wrong) {
      assert.equal(await judge(showMe(server.issuer, each)), '401', JSON.stringify(each));
      const body = { name: 'forged', permissions: {} };
      assert.equal(await judge(createApiCaller(server.issuer, each)('POST', '/tokens', { body })), '401');
    }
    const forged = await server.db.query(sql`select id from api_tokens where name = 'forged'`);
    assert.equal(forged.length, 0);
  });

  it('is 401 after it has ended', async () => {
    const headers = await signInToApi(server.issuer);
    await server.db.query(sql`delete from sessions`);
    assert.equal(await judge(showMe(server.issuer, headers)), '401');
  });
});
