import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { addMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type ApiCaller, createBrowserCaller, createTokenCaller, makeToken } from '../support/api.ts';
import { ada, addAccount } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let call: ApiCaller;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  call = await createBrowserCaller(server.issuer);
});
after(() => server.stop());

const permissions = { [demoResource.uri]: ['read'] };

/** Asks for a token under a key. */
const make = (key: string, name: string, caller = call) =>
  caller('POST', '/tokens', { headers: { 'idempotency-key': key }, body: { name, permissions } });

async function countTokens(name: string): Promise<number> {
  return (await server.db.query(sql`select id from api_tokens where name = ${name}`)).length;
}

describe('an Idempotency-Key', () => {
  it('sent by 50 requests at once is done once, and all get the same answer', async () => {
    const [key, name] = [randomUUID(), 'once'];
    const answers = await Promise.all(Array.from({ length: 50 }, () => make(key, name)));
    const [first] = answers;
    assert.equal(first?.status, 201);
    for (const { status, body, headers } of answers) {
      assert.deepEqual([status, body], [201, first.body]);
      assert.equal(headers.get('location'), first.headers.get('location'));
    }
    assert.equal(await countTokens(name), 1);
    const me = await createTokenCaller(server.issuer, first.body.value)('GET', '/users/me');
    assert.equal(me.status, 200);
  });

  it('of another request is 422, and that is not done', async () => {
    const key = randomUUID();
    const first = await make(key, 'first');
    const others = [
      await make(key, 'second'),
      await call('POST', '/shared-tokens', {
        headers: { 'idempotency-key': key },
        body: { name: 'first', permissions },
      }),
      await call('POST', `/tokens/${first.body.id}/disable`, { headers: { 'idempotency-key': key } }),
    ];
    for (const { status, body } of others) {
      assert.equal(status, 422);
      assert.equal(body.detail, 'This Idempotency-Key was sent with another request before');
    }
    assert.equal((await call('GET', `/tokens/${first.body.id}`)).body.state, 'active');
    assert.equal(await countTokens('second'), 0);
  });

  it('tells paths of one operation apart', async () => {
    const tokens = [await makeToken(call), await makeToken(call)];
    const headers = { 'idempotency-key': randomUUID() };
    const disable = (id: string) => call('POST', `/tokens/${id}/disable`, { headers });
    assert.equal((await disable(tokens[0].id)).status, 200);
    assert.equal((await disable(tokens[1].id)).status, 422);
  });

  it('is each caller’s own', async () => {
    const userId = await addAccount(server.db, ada);
    const organizationId = (await call('GET', '/users/me')).body.organization.id;
    await addMember(server.db, { organizationId, userId, role: 'member' });
    const key = randomUUID();
    const [mine, hers] = await Promise.all([
      make(key, 'mine'),
      make(key, 'hers', await createBrowserCaller(server.issuer, ada)),
    ]);
    assert.deepEqual([mine.status, hers.status], [201, 201]);
    assert.deepEqual([mine.body.name, hers.body.name], ['mine', 'hers']);
  });

  it('is free again where the first request was killed in the middle', async () => {
    const [key, name] = [randomUUID(), 'killed'];
    const killed = server.db.transaction(async (tx) => {
      await tx.query(sql`lock table api_token_values in access exclusive mode`);
      const asked = make(key, name);
      await untilSomebodyWaits();
      // The whole request in one transaction: ending its connection undoes all of it.
      await tx.query(sql`
        select pg_terminate_backend(pid) from pg_locks
        where database = (select oid from pg_database where datname = current_database())
          and relation = 'api_token_values'::regclass and not granted`);
      return asked;
    });
    assert.equal((await killed).status, 503);
    assert.equal(await countTokens(name), 0);
    assert.equal((await make(key, name)).status, 201);
    assert.equal(await countTokens(name), 1);
  });

  it('of a refused request is not remembered', async () => {
    const key = randomUUID();
    assert.equal((await make(key, ' ')).status, 422);
    const { body: token } = await make(key, 'refused before');
    assert.ok(token.id);
    const conflict = { headers: { 'idempotency-key': randomUUID() }, body: { email: 'demo@example.com' } };
    assert.equal((await call('POST', '/invitations', conflict)).status, 409);
    const other = { ...conflict, body: { email: 'new@example.com' } };
    assert.equal((await call('POST', '/invitations', other)).status, 201);
  });

  it('is forgotten after 24 hours', async () => {
    const [key, name] = [randomUUID(), 'again'];
    const first = await make(key, name);
    await server.db.query(sql`update idempotent_requests set expires_at = now() - interval '1 second'`);
    const both = await Promise.all([make(key, name), make(key, name)]);
    assert.deepEqual(both[1].body, both[0].body);
    assert.notEqual(both[0].body.id, first.body.id);
    assert.equal(await countTokens(name), 2);
  });

  it('keeps its answer for 24 hours, sealed: no value of a token is at rest', async () => {
    await server.db.query(sql`delete from idempotent_requests`);
    const { body } = await make(randomUUID(), 'sealed');
    const [row] = await server.db.query<{
      digest: Buffer;
      request: Buffer;
      answer: Buffer;
      hours: number;
    }>(sql`
      select digest, request, answer, extract(epoch from expires_at - created_at)::int / 3600 as hours
      from idempotent_requests`);
    assert.equal(row?.hours, 24);
    for (const bytes of [row.digest, row.request, row.answer])
      for (const text of [body.value, body.id, 'sealed']) assert.ok(!bytes.includes(text));
  });

  it('opens its answer only to the very text that asked', async () => {
    const { id, value } = await makeToken(call, {
      permissions: { [`${server.issuer}/api`]: ['tokens:read', 'tokens:write'], ...permissions },
    });
    const [key, name] = [randomUUID(), 'by token'];
    const before = createTokenCaller(server.issuer, value);
    const first = await make(key, name, before);
    assert.equal(first.status, 201, JSON.stringify(first.body));
    const rotated = await call('POST', `/tokens/${id}/rotate`, { body: { overlap_seconds: 600 } });
    const later = await make(key, name, createTokenCaller(server.issuer, rotated.body.value));
    assert.equal(later.status, 409, JSON.stringify(later.body));
    assert.deepEqual((await make(key, name, before)).body, first.body);
    assert.equal(await countTokens(name), 1);
  });

  it('is 1 to 255 visible characters, or 400', async () => {
    for (const key of ['a b', 'a'.repeat(256), 'ä'])
      assert.equal((await make(key, 'malformed')).status, 400, key);
    assert.equal((await make('"quoted-as-structured-fields-are"', 'well-formed')).status, 201);
    assert.equal(await countTokens('malformed'), 0);
  });
});

/** Waits until a request hangs on the table that a test has locked. */
async function untilSomebodyWaits(): Promise<void> {
  const waiting = sql`
    select pid from pg_locks
    where database = (select oid from pg_database where datname = current_database())
      and relation = 'api_token_values'::regclass and not granted`;
  await until(async () => (await server.db.query(waiting)).length > 0);
}
