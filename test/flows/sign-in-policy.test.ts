import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { runCommand } from '../cli/terminal.ts';
import { createApiCaller } from '../support/api.ts';
import { poll, refresh, requestDevice } from '../support/client.ts';
import { callApi, type Employee, foundCompany } from '../support/company.ts';
import { letDeviceInBy } from '../support/device-login.ts';
import {
  registerProvider,
  signInAt,
  startIdentityProvider,
  type TestProvider,
} from '../support/identity-provider.ts';
import { createPerson, type Person } from '../support/person.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

let server: TestServer;
let provider: TestProvider;
let company: Awaited<ReturnType<typeof foundCompany>>;
let member: Employee;
before(async () => {
  server = await startServer();
  const { issuer } = server;
  const ids = ['herons', 'foreign', 'anybody'];
  provider = await startIdentityProvider(ids.map((id) => `${issuer}/sign-in/callback/${id}`));
  company = await foundCompany(server, 'Herons');
  member = await company.join('member');
  const other = await foundCompany(server, 'Others');
  await registerProvider(server, provider, { id: 'herons', organizationId: company.id });
  await registerProvider(server, provider, { id: 'foreign', organizationId: other.id });
  await registerProvider(server, provider, { id: 'anybody' });
});
after(async () => {
  await provider.stop();
  await server.stop();
});

const path = '/policies/sign-in';
const require = (isRequired: boolean, by = company.administrator.call) =>
  by('PUT', path, { identity_provider_required: isRequired });

async function know(id: string, employee: Employee): Promise<void> {
  await server.db.query(sql`
    insert into identities (provider_id, subject, user_id)
    values (${id}, ${employee.id}, ${employee.id}::uuid)`);
}

/** The API as the pages in this browser call it. */
async function callerIn(person: Person) {
  const csrf = /data-csrf="([^"]+)"/.exec((await person.open('/api/docs')).html)?.[1] ?? '';
  return (method: string, path: string, body?: unknown) => {
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return callApi(server.issuer, [method, path, body], { cookie, 'x-csrf-token': csrf });
  };
}

async function signIn(id: string, employee: Employee): Promise<Person> {
  provider.person = { sub: employee.id };
  const person = createPerson(server.issuer);
  const page = await signInAt(person, id);
  assert.equal(page.status, 200, page.html);
  return person;
}

async function operate(...argv: string[]): Promise<string> {
  const env = {
    POSTERN_MODE: 'development',
    POSTERN_ISSUER: server.issuer,
    POSTERN_SECRET: testSecret,
    DATABASE_URL: server.databaseUrl,
  };
  const run = await runCommand(argv, { env });
  assert.equal(run.exitCode, 0, run.stderr);
  return run.stderr;
}

describe('an organization that requires an identity provider', () => {
  let passwordDevice: string;

  it('cannot be made one while none of its administrators has signed in at one', async () => {
    assert.equal((await company.administrator.call('GET', path)).body.identity_provider_required, false);
    assert.deepEqual((await member.call('GET', path)).body, { identity_provider_required: false });
    assert.equal((await require(true)).status, 409);
    await know('foreign', company.administrator);
    await know('anybody', company.administrator);
    await know('herons', member);
    // It has a provider of its own: neither another one's nor the operator's counts, nor a member's sign-in.
    assert.equal((await require(true)).status, 409);
    assert.equal((await require(true, member.call)).status, 403);
  });

  it('ends what came in by password, at once', async () => {
    passwordDevice = (await letDeviceInBy(member.person, server.issuer)).refresh_token;
    await know('herons', company.administrator);
    assert.equal((await require(true)).status, 200);
    const me = await member.call('GET', '/users/me');
    assert.deepEqual([me.body.organization, me.body.permissions], [undefined, {}]);
    assert.equal((await require(false)).status, 403);
    assert.equal((await refresh(server.issuer, passwordDevice)).body.error, 'invalid_grant');
    const again = createPerson(server.issuer);
    await again.signIn(member.account);
    assert.equal((await (await callerIn(again))('GET', '/members')).status, 403);
  });

  it('has no device let in by who signed in with a password', async () => {
    const { body } = await requestDevice(server.issuer);
    await member.person.open('/device');
    const page = await member.person.submit('/device', { user_code: body.user_code });
    assert.match(page.html, /sign in at its identity provider/);
    await member.person.decide('allow');
    assert.equal((await poll(server.issuer, body.device_code)).body.error, 'authorization_pending');
  });

  it('is open to who signs in at its own provider, and lets their devices in', async () => {
    const person = await signIn('herons', member);
    const me = await (await callerIn(person))('GET', '/users/me');
    assert.equal(me.body.organization.id, company.id);
    const device = (await letDeviceInBy(person, server.issuer)).refresh_token;
    assert.equal((await refresh(server.issuer, device)).status, 200);
  });

  it('is closed to who signs in at the operator’s provider, since it has one of its own', async () => {
    const person = await signIn('anybody', company.administrator);
    assert.equal((await (await callerIn(person))('GET', '/members')).status, 403);
  });

  it('lets who was let in by password come back when it requires none any more', async () => {
    const person = await signIn('herons', company.administrator);
    const call = await callerIn(person);
    assert.equal((await call('PUT', path, { identity_provider_required: false })).status, 200);
    assert.equal((await member.call('GET', '/members')).status, 200);
    const events = await company.administrator.call('GET', '/audit-events?action=sign_in_policy.changed');
    assert.equal(events.body.items.length, 2, JSON.stringify(events.body));
  });

  it('can be opened again by the operator', async () => {
    await require(true);
    assert.equal((await member.call('GET', '/members')).status, 403);
    await operate('organization', 'sign-in', company.id, 'any');
    assert.equal((await member.call('GET', '/members')).status, 200);
  });

  it('keeps the API tokens of its members', async () => {
    const made = await member.call('POST', '/tokens', { name: 'Mine', permissions: {} });
    const withToken = createApiCaller(server.issuer, { authorization: `Bearer ${made.body.value}` });
    await require(true);
    assert.equal((await withToken('GET', '/users/me')).status, 200);
    await server.db.query(sql`update organizations set requires_identity_provider = false`);
  });
});

describe('an administrator', () => {
  const demand = { identity_provider_required: true };
  const change = (employee: Employee, body: unknown, by = employee) =>
    by.call('PATCH', `/members/${employee.id}`, body);

  it('who is the last that can sign in cannot shut themselves out, and the page says so', async () => {
    const { administrator: last, join } = await foundCompany(server, 'Alone');
    const refused = await change(last, demand);
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /No administrator could sign in/);
    assert.equal((await last.call('GET', `/members/${last.id}`)).body.identity_provider_required, false);
    const path = `/admin/members/${last.id}`;
    await last.person.open(path);
    const page = await last.person.submit(`${path}/sign-in`, { provider: 'yes', condition: '' });
    assert.match(page.html, /No administrator could sign in and change members any more/);
    const member = await join('member');
    await last.person.open(`/admin/members/${member.id}`);
    const saved = await last.person.submit(`/admin/members/${member.id}/sign-in`, {
      provider: 'yes',
      condition: '',
    });
    assert.match(saved.html, /name="provider" value="yes" checked/);
  });

  it('remains who can sign in as it is demanded of them', async () => {
    const { administrator: linked, join } = await foundCompany(server, 'Two');
    const other = await join('administrator');
    await know('anybody', linked);
    assert.equal((await change(linked, demand)).status, 200);
    const call = await callerIn(await signIn('anybody', linked));
    const answers = [
      await call('PATCH', `/members/${other.id}`, demand),
      // Somebody would be an administrator still, and could not come in.
      await call('PATCH', `/members/${linked.id}`, { role: 'member' }),
      await call('PATCH', `/members/${linked.id}`, { disabled: true }),
      await call('DELETE', `/members/${linked.id}`),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 409, 409, 409],
    );
  });

  it('cannot be the last to lose what they change members with', async () => {
    const { administrator } = await foundCompany(server, 'Taken');
    const taken = { [`${server.issuer}/api`]: ['members:write'] };
    assert.equal((await change(administrator, { taken })).status, 409);
  });

  it('remains where two shut themselves out at once', async () => {
    const { administrator: one, join } = await foundCompany(server, 'Both');
    const other = await join('administrator');
    const answers = await Promise.all([change(one, demand), change(other, demand)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  });

  it('whom a provider that is gone has locked out is let in again by the operator', async () => {
    const { id, administrator: locked } = await foundCompany(server, 'Locked');
    await registerProvider(server, provider, { id: 'leaving', organizationId: id });
    await know('leaving', locked);
    assert.equal((await change(locked, demand)).status, 200);
    const removed = await operate('identity-provider', 'remove', 'leaving', '--yes');
    assert.match(removed, /No administrator of Locked can sign in/);
    const opened = await operate('organization', 'sign-in', id, 'any');
    assert.match(opened, new RegExp(`Not these.*${locked.account.email}`));
    assert.equal((await locked.call('GET', '/members')).status, 403);
    await operate('member', 'sign-in', id, locked.account.email, 'any');
    assert.equal((await locked.call('GET', '/members')).status, 200);
    assert.match(
      await operate('user', 'disable', locked.account.email),
      /No administrator of Locked can sign in/,
    );
    assert.doesNotMatch(await operate('user', 'disable', locked.account.email), /No administrator/);
    await operate('user', 'enable', locked.account.email);
    assert.equal((await locked.call('GET', '/members')).status, 200);
  });
});
