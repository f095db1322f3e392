import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { disableTokensOfPerson } from '../../src/tokens/person.ts';
import { createTokenCaller } from '../support/api.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let administrator: Employee;
let second: Employee;
let member: Employee;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  const company = await foundCompany(server, 'Example Ltd');
  administrator = company.administrator;
  second = await company.join('administrator');
  member = await company.join('member');
});
after(() => server.stop());

async function make(owner: Employee, path = '/tokens'): Promise<{ id: string; value: string }> {
  const chosen = { name: 'Token', permissions: { [demoResource.uri]: ['read'] }, reason: 'For the reports' };
  const { status, body } = await owner.call('POST', path, chosen);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

async function press(person: Employee, act: string, { id }: { id: string }, body?: unknown) {
  return await person.call('POST', `/tokens/${id}/${act}`, body);
}

const isLive = async ({ value }: { value: string }) =>
  (await createTokenCaller(server.issuer, value)('GET', '/users/me')).status === 200;
const disablerOf = async ({ id }: { id: string }) =>
  (await administrator.call('GET', `/tokens/${id}`)).body.disabled_by;

describe('a token that an administrator has disabled', () => {
  it('is enabled again by an administrator, and not by its owner', async () => {
    const token = await make(member);
    await press(administrator, 'disable', token);
    const refused = await press(member, 'enable', token);
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.detail],
      [403, 'forbidden', 'An administrator has disabled this token; only an administrator enables it again'],
    );
    assert.equal(await isLive(token), false);
    assert.equal((await press(second, 'enable', token)).status, 200);
    assert.equal(await isLive(token), true);
    assert.equal(await disablerOf(token), undefined);
  });

  it('says so to its owner, without saying which one', async () => {
    const token = await make(member);
    await press(administrator, 'disable', token);
    const { body } = await member.call('GET', `/tokens/${token.id}`);
    assert.deepEqual([body.state, body.disabled_by], ['disabled', 'administrator']);
    const { html } = await member.person.open(`/account/tokens/${token.id}`);
    assert.match(html, /Disabled by an administrator of <bdi>Example Ltd<\/bdi>/);
    assert.ok(!html.includes(`/tokens/${token.id}/enable`));
    assert.ok(!(html + JSON.stringify(body)).includes(administrator.account.email));
    const managed = await second.person.open(`/admin/tokens/${token.id}`);
    assert.match(managed.html, new RegExp(`/tokens/${token.id}/enable`));
  });

  it('stays disabled whatever else its owner does with it', async () => {
    const token = await make(member);
    await press(administrator, 'disable', token);
    await press(member, 'disable', token);
    assert.equal(await disablerOf(token), 'administrator');
    const rotated = await press(member, 'rotate', token, { overlap_seconds: 60 });
    const changes = { name: 'Another', expires_at: '2100-01-01T00:00:00Z', address_ranges: [] };
    assert.equal((await member.call('PATCH', `/tokens/${token.id}`, changes)).status, 200);
    assert.equal((await press(member, 'enable', token)).status, 403);
    assert.deepEqual([await isLive(token), await isLive({ value: rotated.body.value })], [false, false]);
  });

  it('was perhaps disabled by its owner before, which gives the owner nothing', async () => {
    const token = await make(member);
    await press(member, 'disable', token);
    await press(administrator, 'disable', token);
    assert.equal((await press(member, 'enable', token)).status, 403);
  });

  it('may be a shared one, whose maker is no administrator any more', async () => {
    const token = await make(second, '/shared-tokens');
    await press(administrator, 'disable', token);
    await administrator.call('PATCH', `/members/${second.id}`, { role: 'member' });
    const { value } = (await member.call('POST', `/shared-tokens/${token.id}/values`)).body;
    assert.equal((await press(second, 'enable', token)).status, 403);
    assert.equal((await press(member, 'enable', token)).status, 403);
    assert.deepEqual([await isLive(token), await isLive({ value })], [false, false]);
    await administrator.call('PATCH', `/members/${second.id}`, { role: 'administrator' });
    assert.equal((await press(second, 'enable', token)).status, 200);
    assert.equal(await isLive({ value }), true);
  });

  it('is one that was refused, too', async () => {
    const policy = { longest_lifetime_seconds: null, expiry_required: false, permissions: null };
    await administrator.call('PUT', '/policies/tokens', { ...policy, approval_required: true });
    const token = await make(member);
    await administrator.call('PUT', '/policies/tokens', { ...policy, approval_required: false });
    assert.equal((await press(administrator, 'refuse', token)).body.state, 'refused');
    assert.equal((await press(member, 'enable', token)).status, 403);
    assert.equal(await isLive(token), false);
  });
});

describe('a token that its owner has disabled', () => {
  it('is enabled again by its owner, or by an administrator', async () => {
    for (const person of [member, administrator]) {
      const token = await make(member);
      await press(member, 'disable', token);
      assert.equal(await disablerOf(token), 'owner');
      assert.equal((await press(person, 'enable', token)).status, 200);
      assert.equal(await isLive(token), true);
    }
  });

  it('is the owner’s to enable where nobody knows who it was', async () => {
    const token = await make(member);
    await press(administrator, 'disable', token);
    await server.db.query(sql`update api_tokens set disabled_by = null where id = ${token.id}::uuid`);
    assert.equal((await press(member, 'enable', token)).status, 200);
  });
});

describe('the tokens of an account that the operator has ended', () => {
  it('are dead where they had expired, too: a later end does not bring them back', async () => {
    const token = await make(member);
    await server.db.query(sql`
      update api_tokens set expires_at = now() - interval '1 minute' where id = ${token.id}::uuid`);
    const { own } = await disableTokensOfPerson(server.db, member.id, 'operator');
    assert.ok(!own.some(({ id }) => id === token.id), 'nothing that worked has ended with it');
    const later = { expires_at: '2100-01-01T00:00:00Z' };
    assert.equal((await member.call('PATCH', `/tokens/${token.id}`, later)).status, 200);
    assert.equal(await isLive(token), false);
    assert.equal((await press(member, 'enable', token)).status, 403);
  });

  it('are enabled again by an administrator, also those that its person had disabled before', async () => {
    const [alive, disabled] = [await make(member), await make(member)];
    await press(member, 'disable', disabled);
    const { own } = await disableTokensOfPerson(server.db, member.id, 'operator');
    const ids = own.map(({ id }) => id);
    assert.deepEqual([ids.includes(alive.id), ids.includes(disabled.id)], [true, false]);
    for (const token of [alive, disabled]) {
      const refused = await press(member, 'enable', token);
      assert.deepEqual(
        [refused.status, refused.body.detail],
        [403, 'The operator has disabled this token; only an administrator enables it again'],
      );
      await press(administrator, 'enable', token);
      assert.equal(await isLive(token), true);
    }
  });
});
