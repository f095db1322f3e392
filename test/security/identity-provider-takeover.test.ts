import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { createApiCaller } from '../support/api.ts';
import { refresh } from '../support/client.ts';
import { callApi, type EmployeeCall, foundCompany } from '../support/company.ts';
import { letDeviceInBy } from '../support/device-login.ts';
import { registerProvider, signInAt } from '../support/identity-provider.ts';
import { type LyingProvider, startLyingProvider } from '../support/lying-provider.ts';
import { createPerson, type Page, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

type Company = Awaited<ReturnType<typeof foundCompany>>;

let server: TestServer;
let crooks: Company;
let victims: Company;
let provider: LyingProvider;
before(async () => {
  server = await startServer();
  [crooks, victims] = [await foundCompany(server, 'Crooks'), await foundCompany(server, 'Victims')];
  provider = await startLyingProvider();
  await registerProvider(server, provider, {
    id: 'crooks',
    organizationId: crooks.id,
    domains: ['crooks.example'],
    linksVerifiedEmail: true,
    role: 'administrator',
  });
  await registerProvider(server, provider, { id: 'anybody', linksVerifiedEmail: true });
});
after(async () => {
  await provider.stop();
  await server.stop();
});

/** Comes from the provider with this word about an address. */
async function claim(
  id: string,
  claims: { sub: string; email: string; email_verified?: unknown },
  person = createPerson(server.issuer),
): Promise<Page> {
  provider.lie = { claims };
  return await signInAt(person, id);
}

/** The API as the pages in this browser call it. */
async function callerIn(person: Person): Promise<EmployeeCall> {
  const csrf = /data-csrf="([^"]+)"/.exec((await person.open('/api/docs')).html)?.[1] ?? '';
  const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return (method, path, body) =>
    callApi(server.issuer, [method, path, body], { cookie, 'x-csrf-token': csrf });
}

async function countIdentities(): Promise<number> {
  const [row] = await server.db.query<{ count: number }>(sql`select count(*)::int as count from identities`);
  return row?.count ?? 0;
}

describe('an identity provider', () => {
  for (const [what, verified] of Object.entries({
    'says to be not verified': false,
    'says nothing of': undefined,
    'calls verified in a text': 'true',
    'calls verified with a number': 1,
  })) {
    it(`signs nobody in by an address that it ${what}`, async () => {
      const before = await countIdentities();
      const { email } = victims.administrator.account;
      for (const id of ['anybody', 'crooks']) {
        const page = await claim(id, { sub: `s-${what}`, email, email_verified: verified });
        assert.match(page.html, /Your address is not verified/);
        const own = await claim(id, {
          sub: `t-${what}`,
          email: 'eve@crooks.example',
          email_verified: verified,
        });
        assert.match(own.html, /Your address is not verified/);
      }
      assert.equal(await countIdentities(), before);
    });
  }

  it('of an organization cannot sign in as somebody of another one by saying their address', async () => {
    const { email } = victims.administrator.account;
    const page = await claim('crooks', { sub: 'thief', email, email_verified: true });
    assert.equal(page.status, 400);
    assert.doesNotMatch(page.html, /has an account/, 'nor find out whether there is such a person');
    const unknown = await claim('crooks', { sub: 'thief', email: 'no@where.example', email_verified: true });
    assert.equal(
      unknown.html.replaceAll('no@where.example', '').replace(/value="[^"]*"/g, ''),
      page.html.replaceAll(email, '').replace(/value="[^"]*"/g, ''),
    );
  });

  it('of an organization cannot even with an invitation that the organization has sent', async () => {
    const { email } = victims.administrator.account;
    const invited = await crooks.administrator.call('POST', '/invitations', { email });
    const person = createPerson(server.issuer);
    await person.open('/join');
    await person.submit('/join', { invitation: invited.body.link });
    const page = await claim('crooks', { sub: 'inviter', email, email_verified: true }, person);
    assert.match(page.html, /Sign in as before/);
    assert.ok(!person.cookies.has('postern-session'));
  });

  it('of an organization does not accept an invitation into another one', async () => {
    const email = 'new@victims.example';
    const invited = await victims.administrator.call('POST', '/invitations', { email });
    const person = createPerson(server.issuer);
    await person.open('/join');
    await person.submit('/join', { invitation: invited.body.link });
    const page = await claim('crooks', { sub: 'joiner', email, email_verified: true }, person);
    assert.match(page.html, /You have no account here/);
    assert.equal((await victims.administrator.call('GET', '/members')).body.items.length, 1);
  });

  it('of an organization speaks for its own domains, not for those that end alike', async () => {
    for (const email of [
      'eve@notcrooks.example',
      'eve@crooks.example.victims.example',
      'eve@sub.crooks.example',
      'crooks.example@victims.example',
    ]) {
      const page = await claim('crooks', { sub: email, email, email_verified: true });
      assert.equal(page.status, 400, email);
    }
    const page = await claim('crooks', { sub: 'eve', email: 'Eve@Crooks.Example', email_verified: true });
    assert.ok(page.url.endsWith('/account'));
  });

  it('of an organization shows and ends nothing that its person has elsewhere', async () => {
    const { administrator } = victims;
    const elsewhere = (await letDeviceInBy(administrator.person, server.issuer)).refresh_token;
    await administrator.call('PUT', '/users/me/organization', { id: victims.id });
    await crooks.join('member', administrator);
    await server.db.query(sql`
      insert into identities (provider_id, subject, user_id)
      values ('crooks', 'both', ${administrator.id}::uuid)`);
    const person = createPerson(server.issuer);
    await claim('crooks', { sub: 'both', email: 'x@crooks.example', email_verified: true }, person);
    const here = (await letDeviceInBy(person, server.issuer)).refresh_token;
    const call = await callerIn(person);
    // The newest comes first.
    const [, theirs] = (await administrator.call('GET', '/grants')).body.items;
    const scopes = ['grants:read', 'grants:write', 'sessions:read', 'sessions:write'];
    const mayAll = { [`${server.issuer}/api`]: scopes };
    const made = await call('POST', '/tokens', { name: 'confined', permissions: mayAll });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const withToken = createApiCaller(server.issuer, { authorization: `Bearer ${made.body.value}` });
    const callers = [call, (method: string, path: string) => withToken(method, path)];
    for (const ask of callers) {
      const { body: me } = await ask('GET', '/users/me');
      assert.deepEqual(
        me.organizations.map(({ name }: { name: string }) => name),
        ['Crooks'],
      );
      assert.equal((await ask('GET', '/grants')).body.items.length, 1);
      assert.equal((await ask('GET', '/sessions')).body.items.length, 1);
      assert.equal((await ask('DELETE', `/grants/${theirs.id}`)).status, 404);
      assert.equal((await ask('POST', `/grants/${theirs.id}/report`)).status, 404);
      const { items } = (await administrator.call('GET', '/sessions')).body;
      const own = items.find(({ current }: { current: boolean }) => current);
      assert.equal((await ask('DELETE', `/sessions/${own.id}`)).status, 404);
    }
    const devices = await person.open('/account/devices');
    assert.ok(devices.html.includes('name="grant"') && !devices.html.includes(theirs.id));
    assert.equal((await call('DELETE', '/sessions')).body.ended, 0);
    assert.equal((await call('DELETE', '/grants')).body.revoked, 1);
    assert.deepEqual(
      [(await refresh(server.issuer, here)).status, (await refresh(server.issuer, elsewhere)).status],
      [400, 200],
    );
    assert.equal((await administrator.call('GET', '/grants')).body.items.length, 1);
  });

  it('of an organization gets no tries at the password of who it signs in, however often', async () => {
    const { id, account } = victims.administrator;
    const guess = (person: Person) =>
      person.submit('/sign-in', { email: account.email, password: 'not the password at all' });
    const spend = (key: string) =>
      server.db.query(sql`update rate_limits set points = 10 where key like ${`${key}:%`} returning 1`);
    const person = createPerson(server.issuer);
    await claim('crooks', { sub: 'both', email: 'x@crooks.example', email_verified: true }, person);
    await server.db.query(
      sql`update sessions set authenticated_at = now() - interval '1 day' where user_id = ${id}::uuid`,
    );
    await person.open('/step-up');
    await person.submit('/step-up', { password: 'not the password at all' });
    assert.equal((await spend('sign_in_by_account_and_browser')).length, 1);
    person.cookies.delete('postern-session');
    await claim('crooks', { sub: 'both', email: 'x@crooks.example', email_verified: true }, person);
    await server.db.query(
      sql`update sessions set authenticated_at = now() - interval '1 day' where user_id = ${id}::uuid`,
    );
    await person.open('/step-up');
    const again = await person.submit('/step-up', { password: account.password });
    assert.equal(again.status, 429, 'a new session is no new count');
    person.cookies.delete('postern-session');
    await person.open('/sign-in');
    await guess(person);
    assert.equal((await spend('sign_in_by_account_and_address')).length, 1, 'as a stranger');
    await server.db.query(sql`delete from rate_limits`);
  });

  it('of an organization lets nobody act for another one who belongs to both', async () => {
    const { administrator } = victims;
    const person = createPerson(server.issuer);
    await claim('crooks', { sub: 'both', email: 'x@crooks.example', email_verified: true }, person);
    const call = await callerIn(person);
    assert.equal((await call('PUT', '/users/me/organization', { id: victims.id })).status, 404);
    assert.equal((await call('GET', '/users/me')).body.organization.id, crooks.id);
    const changes: [string, string, unknown?][] = [
      ['POST', '/users/me/totp/enrolments'],
      ['POST', '/users/me/recovery-codes'],
      ['POST', '/users/me/passkeys/registrations'],
    ];
    for (const [method, path, body] of changes)
      assert.equal((await call(method, path, body)).status, 403, `${path} would open the account elsewhere`);
    // Once they are out of it, its provider has no word about them any more.
    await crooks.administrator.call('DELETE', `/members/${administrator.id}`);
    assert.equal((await call('GET', '/users/me')).status, 401);
    const again = await claim('crooks', { sub: 'both', email: 'x@crooks.example', email_verified: true });
    assert.match(again.html, /You cannot sign in/);
  });
});
