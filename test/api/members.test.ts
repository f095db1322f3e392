import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { callApi, type Employee, foundCompany, hire } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let api: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  api = `${server.issuer}/api`;
});
after(() => server.stop());

const memberPath = ({ id }: Employee) => `/members/${id}`;

describe('a member', () => {
  it('may do what the role may, and an administrator more than that', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { body } = await administrator.call('GET', memberPath(member));
    assert.equal(body.role, 'member');
    assert.deepEqual(body.permissions[demoResource.uri], ['read', 'write']);
    assert.ok(!body.permissions[api].includes('members:write'));
    const { body: own } = await administrator.call('GET', memberPath(administrator));
    assert.ok(own.permissions[api].includes('members:write'));
    assert.ok(!own.permissions[api].includes('keys:write'), 'what is the operator’s, no role has');
    assert.equal((await member.call('PATCH', memberPath(member), { role: 'administrator' })).status, 403);
  });

  it('has what an administrator gives beyond the role, and lacks what one takes', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const changed = await administrator.call('PATCH', memberPath(member), {
      given: { [api]: ['members:write'] },
      taken: { [demoResource.uri]: ['write'] },
    });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.body.permissions[demoResource.uri], ['read']);
    assert.equal(
      (await member.call('GET', '/users/me')).body.permissions[api].includes('members:write'),
      true,
    );
    const { body: restored } = await administrator.call('PATCH', memberPath(member), {
      given: {},
      taken: {},
    });
    assert.deepEqual(restored.permissions[demoResource.uri], ['read', 'write']);
    assert.equal(restored.permissions[api].includes('members:write'), false);
  });

  it('is found by a part of the address, and by nobody elsewhere', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    await join('member');
    const path = `/members?search=${member.account.email.slice(3, 20).toUpperCase()}`;
    const { body } = await administrator.call('GET', path);
    assert.deepEqual(
      body.items.map((item: { user_id: string }) => item.user_id),
      [member.id],
    );
    const { administrator: other } = await foundCompany(server);
    assert.deepEqual((await other.call('GET', path)).body.items, []);
  });

  it('can be changed under the tag of what was shown, whatever they have made since', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { headers, body } = await administrator.call('GET', memberPath(member));
    assert.deepEqual(body.holdings, { tokens: 0, devices: 0 });
    assert.equal((await member.call('POST', '/tokens', { name: 'New', permissions: {} })).status, 201);
    const { body: later } = await administrator.call('GET', memberPath(member));
    assert.equal(later.holdings.tokens, 1);
    const condition = { 'if-match': headers.get('etag') ?? '' };
    const change = () => administrator.call('PATCH', memberPath(member), { disabled: true }, condition);
    assert.deepEqual([(await change()).status, (await change()).status], [200, 412]);
  });

  it('is nobody in another organization, and a stranger to its administrator', async () => {
    const ours = await foundCompany(server);
    const theirs = await foundCompany(server);
    const member = await ours.join('member');
    for (const [method, body] of [['GET'], ['PATCH', { disabled: true }], ['DELETE']] as const) {
      assert.equal((await theirs.administrator.call(method, memberPath(member), body)).status, 404);
    }
    const { body } = await theirs.administrator.call('GET', '/members');
    assert.deepEqual(
      body.items.map((item: { user_id: string }) => item.user_id),
      [theirs.administrator.id],
    );
  });

  it('may do nothing while disabled, and the same as before when enabled again', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const before = (await member.call('GET', '/users/me')).body.permissions;
    const disabled = await administrator.call('PATCH', memberPath(member), { disabled: true });
    assert.deepEqual(disabled.body.permissions, {});
    assert.equal((await member.call('GET', '/members')).status, 403);
    assert.deepEqual((await member.call('GET', '/users/me')).body.permissions, {});
    await administrator.call('PATCH', memberPath(member), { disabled: false });
    assert.deepEqual((await member.call('GET', '/users/me')).body.permissions, before);
  });

  it('loses every token of the organization when removed, and keeps none of them when let in again', async () => {
    const { administrator, join, id } = await foundCompany(server);
    const member = await join('member');
    const made = await member.call('POST', '/tokens', {
      name: 'ci',
      permissions: { [api]: ['tokens:read'] },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const text = made.body.value;
    const use = () => callApi(server.issuer, ['GET', '/users/me'], { authorization: `Bearer ${text}` });
    assert.equal((await use()).status, 200);
    assert.equal((await administrator.call('DELETE', memberPath(member))).status, 204);
    assert.equal((await use()).status, 401);
    await join('member', member);
    assert.equal((await use()).status, 401);
    assert.deepEqual((await administrator.call('GET', '/members')).body.items.length, 2);
    assert.equal((await member.call('GET', '/users/me')).body.organization.id, id);
  });
});

describe('nobody gives what they lack:', () => {
  /** An administrator from whom `scope` was taken, beside a full one. */
  async function narrow(scope = 'policies:write') {
    const company = await foundCompany(server);
    const narrowed = await company.join('administrator');
    const taken = { [api]: [scope] };
    assert.equal((await company.administrator.call('PATCH', memberPath(narrowed), { taken })).status, 200);
    return { ...company, narrowed, scope };
  }

  it('not outright', async () => {
    const { narrowed, join, scope } = await narrow();
    const member = await join('member');
    const answer = await narrowed.call('PATCH', memberPath(member), { given: { [api]: [scope] } });
    assert.equal(answer.status, 403);
    assert.match(answer.body.detail, /policies:write/);
    const { body } = await narrowed.call('GET', memberPath(member));
    assert.deepEqual(body.given, {}, 'nothing was changed');
  });

  it('not to themselves, neither by giving nor by no longer taking', async () => {
    const { narrowed, scope } = await narrow();
    for (const change of [
      { taken: {} },
      { given: { [api]: [scope] }, taken: {} },
      { given: { [api]: [scope] } },
    ]) {
      assert.equal((await narrowed.call('PATCH', memberPath(narrowed), change)).status, 403);
    }
  });

  it('not by a role that has it', async () => {
    const { narrowed, join } = await narrow();
    const member = await join('member');
    assert.equal((await narrowed.call('PATCH', memberPath(member), { role: 'administrator' })).status, 403);
    assert.equal((await narrowed.call('GET', memberPath(member))).body.role, 'member');
  });

  it('not beside the role, where it would outlast it', async () => {
    const { administrator, narrowed, scope } = await narrow();
    const answer = await narrowed.call('PATCH', memberPath(administrator), { given: { [api]: [scope] } });
    assert.equal(answer.status, 403);
  });

  it('not by enabling somebody who has it', async () => {
    const { administrator, narrowed, join } = await narrow();
    const other = await join('administrator');
    await administrator.call('PATCH', memberPath(other), { disabled: true });
    assert.equal((await narrowed.call('PATCH', memberPath(other), { disabled: false })).status, 403);
    assert.equal((await administrator.call('PATCH', memberPath(other), { disabled: false })).status, 200);
  });

  it('not to somebody whose account is disabled meanwhile', async () => {
    const { narrowed, join } = await narrow();
    const member = await join('member');
    await server.db.query(sql`update users set disabled_at = now() where id = ${member.id}::uuid`);
    assert.equal((await narrowed.call('PATCH', memberPath(member), { role: 'administrator' })).status, 403);
  });

  it('not by inviting an administrator', async () => {
    const { narrowed } = await narrow();
    const invite = (role: string) =>
      narrowed.call('POST', '/invitations', { email: `${crypto.randomUUID()}@example.com`, role });
    assert.equal((await invite('administrator')).status, 403);
    assert.equal((await invite('member')).status, 201);
  });

  it('but may take, and change what gives nothing', async () => {
    const { narrowed, join } = await narrow();
    const member = await join('member');
    const answer = await narrowed.call('PATCH', memberPath(member), {
      taken: { [demoResource.uri]: ['write'] },
    });
    assert.equal(answer.status, 200);
  });

  it('and what is the operator’s, no administrator gives', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const answer = await administrator.call('PATCH', memberPath(member), {
      given: { [api]: ['keys:write'] },
    });
    assert.equal(answer.status, 403);
  });
});

describe('an organization', () => {
  it('keeps its last administrator, whatever is tried', async () => {
    const { administrator } = await foundCompany(server);
    const path = memberPath(administrator);
    assert.equal((await administrator.call('PATCH', path, { role: 'member' })).status, 409);
    assert.equal((await administrator.call('PATCH', path, { disabled: true })).status, 409);
    assert.equal((await administrator.call('DELETE', path)).status, 409);
  });

  it('keeps one when two administrators demote each other at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, administrator, join } = await foundCompany(server);
      const other = await join('administrator');
      const answers = await Promise.all([
        administrator.call('PATCH', memberPath(other), { role: 'member' }),
        other.call('PATCH', memberPath(administrator), { role: 'member' }),
      ]);
      const left = await server.db.query(
        sql`select from members where organization_id = ${id}::uuid and role = 'administrator'`,
      );
      assert.equal(left.length, 1, answers.map(({ status }) => status).join(' '));
    }
  });

  it('is changed by who saw what stands there', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { headers } = await administrator.call('GET', memberPath(member));
    const seen = { 'if-match': headers.get('etag') ?? '' };
    assert.equal(
      (await administrator.call('PATCH', memberPath(member), { disabled: true }, seen)).status,
      200,
    );
    assert.equal(
      (await administrator.call('PATCH', memberPath(member), { disabled: false }, seen)).status,
      412,
    );
  });
});

describe('a person of several organizations', () => {
  it('acts in one at a time, which they choose', async () => {
    const [ours, theirs] = [await foundCompany(server), await foundCompany(server)];
    const person = await ours.join('administrator');
    await theirs.join('member', person);
    assert.equal((await person.call('GET', '/members')).status, 403, 'none is chosen yet');
    const { body: me } = await person.call('GET', '/users/me');
    assert.deepEqual(
      me.organizations.map(({ id }: { id: string }) => id).sort(),
      [ours.id, theirs.id].sort(),
    );
    for (const { id, administrator } of [ours, theirs]) {
      assert.equal((await person.call('PUT', '/users/me/organization', { id })).status, 200);
      const { body } = await person.call('GET', '/members');
      assert.ok(body.items.some((item: { user_id: string }) => item.user_id === administrator.id));
    }
    assert.equal(
      (await person.call('PATCH', memberPath(theirs.administrator), { disabled: true })).status,
      403,
    );
  });

  it('cannot choose one that they do not belong to, or are disabled in', async () => {
    const [ours, theirs] = [await foundCompany(server), await foundCompany(server)];
    const member = await ours.join('member');
    assert.equal((await member.call('PUT', '/users/me/organization', { id: theirs.id })).status, 404);
    await theirs.join('member', member);
    await theirs.administrator.call('PATCH', memberPath(member), { disabled: true });
    assert.equal((await member.call('PUT', '/users/me/organization', { id: theirs.id })).status, 404);
  });

  it('acts in no other when they are disabled in the one they chose, until they choose again', async () => {
    const [ours, theirs] = [await foundCompany(server), await foundCompany(server)];
    const person = await ours.join('member');
    await theirs.join('member', person);
    await person.call('PUT', '/users/me/organization', { id: theirs.id });
    await theirs.administrator.call('PATCH', memberPath(person), { disabled: true });
    for (const path of ['/members', '/tokens', '/organization']) {
      const refused = await person.call('GET', path);
      assert.equal(refused.status, 403);
      assert.match(refused.body.detail, /are disabled in the one that you chose/);
    }
    for (const path of ['/sessions', '/grants'])
      assert.equal(
        (await person.call('GET', path)).status,
        200,
        'where they are signed in is their own affair',
      );
    assert.equal((await person.call('GET', '/users/me/organization')).status, 404);
    await person.call('PUT', '/users/me/organization', { id: ours.id });
    assert.equal((await person.call('GET', '/members')).status, 200);
  });

  it('acts in the one that is left when they are removed from the one they chose', async () => {
    const [ours, theirs] = [await foundCompany(server), await foundCompany(server)];
    const person = await ours.join('member');
    await theirs.join('member', person);
    await person.call('PUT', '/users/me/organization', { id: theirs.id });
    await theirs.administrator.call('DELETE', memberPath(person));
    assert.equal((await person.call('GET', '/users/me')).body.organization.id, ours.id);
  });

  it('is in none with nothing to see there', async () => {
    const nobody = await hire(server);
    assert.equal((await nobody.call('GET', '/members')).status, 403);
    assert.deepEqual((await nobody.call('GET', '/users/me')).body.organizations, []);
  });
});
