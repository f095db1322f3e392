import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { createApiCaller, createBrowserCaller, createTokenCaller, makeToken } from '../support/api.ts';
import type { Answer } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let another: TestServer;
let tokens: string[];
before(async () => {
  server = await startServer();
  const limits = 'listMembers=3, createToken=2';
  another = await startServer({
    databaseUrl: server.databaseUrl,
    settings: { POSTERN_API_RATE_LIMITS: limits, POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' },
  });
  const call = await createBrowserCaller(server.issuer);
  const permissions = { [`${another.issuer}/api`]: ['members:read', 'tokens:write'] };
  tokens = [];
  for (let count = 0; count < 2; count += 1) tokens.push((await makeToken(call, { permissions })).value);
});
beforeEach(() => server.db.query(sql`delete from rate_limits`));
after(async () => {
  await another.stop();
  await server.stop();
});

const mine = (at = server) => createTokenCaller(at.issuer, tokens[0] ?? '');

function limitOf({ headers }: Answer): string {
  return `${headers.get('ratelimit-policy')} ${headers.get('ratelimit')?.replace(/t=([1-9]|[1-5]\d|60)$/, 't')}`;
}

/** Calls one after the other; the statuses. */
async function repeat(times: number, ask: () => Promise<Answer>): Promise<number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < times; count += 1) statuses.push((await ask()).status);
  return statuses;
}

describe('the quota of a credential', () => {
  it('is 60 requests a minute, then 429 with when to come back', async () => {
    const answers = await Promise.all(Array.from({ length: 61 }, () => mine()('GET', '/users/me')));
    const refused = answers.filter(({ status }) => status === 429);
    assert.equal(answers.filter(({ status }) => status === 200).length, 60);
    assert.equal(refused.length, 1);
    const [{ headers, body } = assert.fail()] = refused;
    assert.match(headers.get('retry-after') ?? '', /^([1-9]|[1-5]\d|60)$/);
    assert.equal(headers.get('content-type'), 'application/problem+json');
    assert.equal(body.code, 'too_many_requests');
  });

  it('is told in each answer, a refusal and a failure too', async () => {
    assert.equal(limitOf(await mine()('GET', '/users/me')), '"default";q=60;w=60 "default";r=59;t');
    assert.equal(limitOf(await mine()('GET', '/users/me?a=b')), '"default";q=60;w=60 "default";r=58;t');
    await repeat(58, () => mine()('GET', '/users/me'));
    const refused = await mine()('GET', '/users/me');
    assert.equal(refused.status, 429);
    assert.equal(limitOf(refused), '"default";q=60;w=60 "default";r=0;t');
    assert.equal(
      refused.headers.get('retry-after'),
      /t=(\d+)/.exec(refused.headers.get('ratelimit') ?? '')?.[1],
    );
  });

  it('is its own', async () => {
    await repeat(60, () => mine()('GET', '/users/me'));
    assert.equal((await mine()('GET', '/users/me')).status, 429);
    assert.equal((await createTokenCaller(server.issuer, tokens[1] ?? '')('GET', '/users/me')).status, 200);
    const browser = await createBrowserCaller(server.issuer);
    assert.equal((await browser('GET', '/users/me')).status, 200);
  });

  it('is counted by all servers together', async () => {
    await repeat(30, () => mine(server)('GET', '/users/me'));
    await repeat(30, () => mine(another)('GET', '/users/me'));
    assert.equal((await mine(server)('GET', '/users/me')).status, 429);
    assert.equal((await mine(another)('GET', '/users/me')).status, 429);
  });

  it('is there again after the minute', async () => {
    await repeat(60, () => mine()('GET', '/users/me'));
    assert.equal((await mine()('GET', '/users/me')).status, 429);
    await server.db.query(sql`update rate_limits set expire = expire - 60000`);
    assert.equal(limitOf(await mine()('GET', '/users/me')), '"default";q=60;w=60 "default";r=59;t');
  });

  it('of an operation that has one of its own is beside the one of all others', async () => {
    const list = () => mine(another)('GET', '/members');
    assert.equal(limitOf(await list()), '"listMembers";q=3;w=60 "listMembers";r=2;t');
    assert.deepEqual(await repeat(3, list), [200, 200, 429]);
    assert.equal(limitOf(await mine(another)('GET', '/users/me')), '"default";q=60;w=60 "default";r=59;t');
    const body = { name: 'a', permissions: {} };
    const make = () => mine(another)('POST', '/tokens', { body });
    assert.deepEqual(await repeat(3, make), [201, 201, 429]);
  });

  it('for an operation that there is not keeps the server from starting', async () => {
    for (const limits of ['listMembers=3 listMember=4', 'constructor=5']) {
      const started = startServer({
        databaseUrl: server.databaseUrl,
        settings: { POSTERN_API_RATE_LIMITS: limits },
      }).then((running) => running.stop());
      await assert.rejects(started, {
        code: 'configuration',
        message: /POSTERN_API_RATE_LIMITS: there is no operation (listMember|constructor)$/,
      });
    }
  });
});

describe('wrong credentials', () => {
  const wrong = (address: string, at = another) =>
    createApiCaller(at.issuer, {
      authorization: `Bearer ${'x'.repeat(40)}`,
      'x-forwarded-for': address,
    })('GET', '/users/me');

  it('are told to wait sooner, by the network that they come from', async () => {
    assert.deepEqual(new Set(await repeat(30, () => wrong('192.0.2.1'))), new Set([401]));
    const refused = await wrong('192.0.2.1');
    assert.equal(refused.status, 429);
    assert.match(refused.headers.get('retry-after') ?? '', /^([1-9]|[1-5]\d|60)$/);
    assert.equal((await wrong('192.0.2.2')).status, 401);
  });

  it('of one household are counted together', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 30 }, (_, index) => wrong(`2001:db8:1:${index.toString(16)}::1`)),
    );
    assert.deepEqual(new Set(statuses.map(({ status }) => status)), new Set([401]));
    assert.equal((await wrong('2001:db8:1:ff::2')).status, 429);
    assert.equal((await wrong('2001:db8:1:100::2')).status, 401);
  });

  it('keep out nobody who has a good one, and no credential at all is no wrong one', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.3' };
    await repeat(31, () => wrong('192.0.2.3'));
    assert.equal((await wrong('192.0.2.3')).status, 429);
    assert.equal((await mine(another)('GET', '/users/me', { headers })).status, 200);
    const nothing = createApiCaller(another.issuer, headers);
    assert.deepEqual(new Set(await repeat(3, () => nothing('GET', '/users/me'))), new Set([401]));
  });
});
