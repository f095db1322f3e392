import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sweepApiTokens } from '../../src/tokens/sweep.ts';
import { createTokenCaller } from '../support/api.ts';
import { introspect } from '../support/client.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let administrator: Employee;
let member: Employee;
let colleague: Employee;
before(async () => {
  server = await startServer();
  const company = await foundCompany(server);
  administrator = company.administrator;
  member = await company.join('member');
  colleague = await company.join('member');
});
after(() => server.stop());

const read = { [demoResource.uri]: ['read'] };
const readAndWrite = { [demoResource.uri]: ['read', 'write'] };

async function make(owner: Employee, changes: Record<string, unknown> = {}, path = '/tokens') {
  const { status, body } = await owner.call('POST', path, {
    name: 'Token',
    permissions: readAndWrite,
    ...changes,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

const isLive = async (value: string) =>
  (await createTokenCaller(server.issuer, value)('GET', '/users/me')).status === 200;
const scopeOf = async (value: string) => (await introspect(server.issuer, value)).body.scope;

describe('every user', () => {
  it('makes any number of tokens, and sees, edits, disables, enables and removes them', async () => {
    const tokens = [await make(member), await make(member), await make(member)];
    const [{ id, value }] = tokens;
    const listed = (await member.call('GET', '/tokens')).body.items.map((item: { id: string }) => item.id);
    assert.deepEqual(listed.sort(), tokens.map((token) => token.id).sort());
    assert.equal((await member.call('PATCH', `/tokens/${id}`, { note: 'mine' })).body.note, 'mine');
    await member.call('POST', `/tokens/${id}/disable`);
    assert.equal(await isLive(value), false);
    await member.call('POST', `/tokens/${id}/enable`);
    assert.equal(await isLive(value), true);
    assert.equal((await member.call('DELETE', `/tokens/${id}`)).status, 204);
    assert.equal(await isLive(value), false);
  });

  it('neither sees nor touches those of a colleague', async () => {
    const { id } = await make(colleague);
    for (const [method, path, body] of [
      ['GET', `/tokens/${id}`],
      ['PATCH', `/tokens/${id}`, { note: 'mine' }],
      ['POST', `/tokens/${id}/disable`],
      ['DELETE', `/tokens/${id}`],
    ] as const) {
      assert.equal((await member.call(method, path, body)).status, 404, method);
    }
    assert.equal((await member.call('GET', '/tokens?owner=all')).status, 403);
  });

  it('gives no token more than they may themselves', async () => {
    const wider = { [`${server.issuer}/api`]: ['members:write'] };
    assert.equal((await member.call('POST', '/tokens', { name: 'x', permissions: wider })).status, 422);
  });

  it('sets an expiry date, after which the token is dead', async () => {
    const { id, value } = await make(member, { expires_at: '2100-01-01T00:00:00Z' });
    assert.equal(await isLive(value), true);
    await server.db.query(sql`update api_tokens set expires_at = now() where id = ${id}::uuid`);
    assert.equal(await isLive(value), false);
  });

  it('uses the shared tokens of the company, each with a value of their own', async () => {
    const { id, value } = await make(administrator, {}, '/shared-tokens');
    const mine = (await member.call('POST', `/shared-tokens/${id}/values`)).body.value;
    assert.notEqual(mine, value);
    assert.deepEqual([await isLive(mine), await isLive(value)], [true, true]);
    assert.equal((await member.call('POST', '/shared-tokens', { name: 'x', permissions: read })).status, 403);
    const warning = async () => (await administrator.person.open(`/account/shared-tokens/${id}/remove`)).html;
    assert.match(await warning(), /Members whose value ends with it: 2\./);
    await member.call('DELETE', `/shared-tokens/${id}/values`);
    assert.match(await warning(), /Members whose value ends with it: 1\./);
    const { html } = await administrator.person.open(`/account/shared-tokens/${id}`);
    assert.match(html, /Disable: It stops working at once.* Members whose value stops with it: 1\./);
  });
});

describe('a disabled token', () => {
  it('is removed automatically a week later, and not before', async () => {
    const { id } = await make(member);
    await member.call('POST', `/tokens/${id}/disable`);
    const disabledFor = async (days: number) => {
      await server.db.query(
        sql`update api_tokens set disabled_at = now() - make_interval(days => ${days}) where id = ${id}::uuid`,
      );
      await sweepApiTokens(server.db);
      return (await member.call('GET', `/tokens/${id}`)).status;
    };
    assert.equal(await disabledFor(6), 200);
    assert.equal(await disabledFor(8), 404);
  });
});

describe('an administrator', () => {
  it('sees, edits, disables and removes every token of the company, and never a value', async () => {
    const { id, value } = await make(member);
    const { body } = await administrator.call('GET', '/tokens?owner=all&limit=100');
    assert.ok(body.items.some((item: { id: string }) => item.id === id));
    const shown = await administrator.call('GET', `/tokens/${id}`);
    const changed = await administrator.call('PATCH', `/tokens/${id}`, { note: 'seen' });
    assert.equal(changed.body.note, 'seen');
    for (const answer of [body, shown.body, changed.body]) {
      assert.equal(JSON.stringify(answer).includes(value), false);
      assert.equal('value' in answer, false);
    }
    assert.equal((await administrator.call('POST', `/tokens/${id}/rotate`, {})).status, 403);
    await administrator.call('POST', `/tokens/${id}/disable`);
    assert.equal(await isLive(value), false);
    assert.equal((await administrator.call('DELETE', `/tokens/${id}`)).status, 204);
  });

  it('takes a permission from an owner and from all their tokens at once', async () => {
    const { value } = await make(member);
    assert.equal(await scopeOf(value), 'read write');
    const path = `/members/${member.id}`;
    await administrator.call('PATCH', path, { taken: { [demoResource.uri]: ['write'] } });
    assert.equal(await scopeOf(value), 'read');
    await administrator.call('PATCH', path, { taken: {} });
    assert.equal(await scopeOf(value), 'read write');
  });

  it('disables an owner and all their tokens at once, and enables both again', async () => {
    const { value } = await make(member);
    const path = `/members/${member.id}`;
    await administrator.call('PATCH', path, { disabled: true });
    assert.equal(await isLive(value), false);
    await administrator.call('PATCH', path, { disabled: false });
    assert.equal(await isLive(value), true);
  });
});
