import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { introspect, poll, refresh, requestDevice } from '../support/client.ts';
import { type Employee, foundCompany, hire } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
});
after(() => server.stop());

const resource = demoResource.uri;

/** A device whose code the person has entered. */
async function ask({ person, account }: Employee, form: Record<string, string> = {}) {
  const { body: device } = await requestDevice(server.issuer, form);
  const page = await person.enterCode(device.user_code, account);
  return { page, redeem: () => poll(server.issuer, device.device_code) };
}

async function take(administrator: Employee, member: Employee, scopes: string[]): Promise<void> {
  const taken = scopes.length > 0 ? { [resource]: scopes } : {};
  const answer = await administrator.call('PATCH', `/members/${member.id}`, { taken });
  assert.equal(answer.status, 200);
}

async function grantsOf({ id }: Employee) {
  return await server.db.query<{ organization_id: string | null }>(
    sql`select organization_id from grants where account_id = ${id} order by created_at`,
  );
}

describe('an approval', () => {
  it('is given in the only organization of a person, who need not choose it', async () => {
    const { id, join } = await foundCompany(server, 'Only Company');
    const member = await join('member');
    const { page } = await ask(member);
    assert.doesNotMatch(page.html, /Only Company/);
    await member.person.decide('allow');
    assert.deepEqual(await grantsOf(member), [{ organization_id: id }]);
  });

  it('of a person of several organizations is given in the one that they choose, and the page names it', async () => {
    const [ours, theirs] = [
      await foundCompany(server, 'Our Company'),
      await foundCompany(server, 'Their Company'),
    ];
    const member = await ours.join('member');
    await theirs.join('member', member);
    const { page, redeem } = await ask(member);
    assert.match(page.url, /\/organization$/);
    const confirm = await member.person.submit('/organization', { organization_id: theirs.id });
    assert.match(confirm.html, /Their Company/);
    assert.doesNotMatch(confirm.html, /Our Company/);
    await member.person.decide('allow');
    assert.deepEqual(await grantsOf(member), [{ organization_id: theirs.id }]);
    assert.equal((await redeem()).status, 200);
  });

  it('counts where its page said, wherever the browser acts by then', async () => {
    const [ours, theirs] = [await foundCompany(server), await foundCompany(server)];
    const member = await ours.join('member');
    await theirs.join('member', member);
    await member.call('PUT', '/users/me/organization', { id: ours.id });
    await ask(member);
    await member.call('PUT', '/users/me/organization', { id: theirs.id });
    await member.person.decide('allow');
    assert.deepEqual(await grantsOf(member), [{ organization_id: ours.id }]);
  });

  it('is not given in an organization that is not theirs, nor in none by its name', async () => {
    const [ours, theirs, foreign] = [
      await foundCompany(server),
      await foundCompany(server),
      await foundCompany(server),
    ];
    const member = await ours.join('member');
    await theirs.join('member', member);
    await ask(member);
    for (const organization_id of [foreign.id, 'nonsense', '']) {
      const page = await member.person.submit('/organization', { organization_id });
      assert.match(page.url, /\/organization$/);
    }
  });

  it('of a person without an organization gives what is asked for', async () => {
    const nobody = await hire(server);
    const { redeem } = await ask(nobody, { scope: 'read write' });
    await nobody.person.decide('allow');
    assert.equal((await redeem()).body.scope, 'read write');
    assert.deepEqual(await grantsOf(nobody), [{ organization_id: null }]);
  });

  it('is not given by a person who is disabled in their organization', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    await administrator.call('PATCH', `/members/${member.id}`, { disabled: true });
    const { page, redeem } = await ask(member);
    assert.match(page.html, /You are disabled in your organization/);
    assert.doesNotMatch(page.html, /value="allow"/);
    await member.person.decide('allow');
    assert.deepEqual(await grantsOf(member), []);
    assert.equal((await redeem()).body.error, 'authorization_pending');
  });
});

describe('a scope that the approving person lacks', () => {
  it('is named on the page and not given, and the device is told', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    await take(administrator, member, ['write']);
    const { page, redeem } = await ask(member, { scope: 'read write offline_access' });
    const [, asked = '', lacked = ''] =
      /What it may do([\s\S]*)does not get([\s\S]*)<\/section>/.exec(page.html) ?? [];
    assert.match(asked, /See your data/);
    assert.match(lacked, /Change your data/);
    await member.person.decide('allow');
    const { body } = await redeem();
    assert.equal(body.scope, 'read');
    assert.equal((await introspect(server.issuer, body.access_token)).body.scope, 'read');
    assert.equal((await refresh(server.issuer, body.refresh_token)).body.scope, 'read');
  });

  it('cannot be approved by itself', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    await take(administrator, member, ['write']);
    const { page, redeem } = await ask(member, { scope: 'write' });
    assert.match(page.html, /You cannot allow this/);
    assert.doesNotMatch(page.html, /value="allow"/);
    const outcome = await member.person.decide('allow');
    assert.match(outcome.html, /Nothing was shared/);
    assert.equal((await redeem()).body.error, 'authorization_pending');
    assert.deepEqual(await grantsOf(member), []);
  });

  it('can be denied', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    await take(administrator, member, ['write']);
    const { redeem } = await ask(member, { scope: 'write' });
    await member.person.decide('deny');
    assert.equal((await redeem()).body.error, 'access_denied');
  });

  it('is not given when it was taken after the page was loaded', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { redeem } = await ask(member, { scope: 'read write' });
    await take(administrator, member, ['write']);
    await member.person.decide('allow');
    assert.equal((await redeem()).body.scope, 'read');
  });

  it('is not given when it came after the page was loaded: the page did not show it', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    await take(administrator, member, ['write']);
    const { redeem } = await ask(member, { scope: 'read write' });
    await take(administrator, member, []);
    await member.person.decide('allow');
    assert.equal((await redeem()).body.scope, 'read');
  });
});

describe('a scope that is taken later', () => {
  for (const format of ['opaque', 'jwt'] as const) {
    it(`is out of the person’s tokens at once, and back when it is given back (${format})`, async () => {
      await server.db.query(
        sql`update resources set access_token_format = ${format} where uri = ${resource}`,
      );
      const { administrator, join } = await foundCompany(server);
      const member = await join('member');
      const { redeem } = await ask(member);
      await member.person.decide('allow');
      const { body: tokens } = await redeem();
      const scopeNow = async () => (await introspect(server.issuer, tokens.access_token)).body.scope;
      assert.equal(await scopeNow(), 'read write');
      await take(administrator, member, ['write']);
      assert.equal(await scopeNow(), 'read');
      const { body: renewed } = await refresh(server.issuer, tokens.refresh_token);
      assert.equal(renewed.scope, 'read');
      await take(administrator, member, ['read', 'write']);
      assert.deepEqual((await introspect(server.issuer, tokens.access_token)).body, { active: false });
      const refused = await refresh(server.issuer, renewed.refresh_token);
      assert.equal(refused.body.error, 'invalid_grant');
      await take(administrator, member, []);
      assert.equal(await scopeNow(), 'read write');
      const { body: again } = await refresh(server.issuer, renewed.refresh_token);
      assert.equal(again.scope, 'read write');
    });
  }
});
