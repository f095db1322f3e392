import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { runCommand } from '../cli/terminal.ts';
import { createApiCaller } from '../support/api.ts';
import { poll, refresh, requestDevice } from '../support/client.ts';
import { callApi, type Employee, foundCompany } from '../support/company.ts';
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

async function letIn(person: Person): Promise<string> {
  const { body } = await requestDevice(server.issuer);
  await person.open('/device');
  await person.submit('/device', { user_code: body.user_code });
  await person.decide('allow');
  return (await poll(server.issuer, body.device_code)).body.refresh_token;
}

describe('an organization that requires an identity provider', () => {
  let passwordDevice: string;

  it('cannot be made one while none of its administrators has signed in at one', async () => {
    assert.deepEqual((await company.administrator.call('GET', path)).body, {
      identity_provider_required: false,
    });
    assert.equal((await require(true)).status, 409);
    await know('foreign', company.administrator);
    await know('anybody', company.administrator);
    await know('herons', member);
    // It has a provider of its own: neither another one's nor the operator's counts, nor a member's sign-in.
    assert.equal((await require(true)).status, 409);
    assert.equal((await require(true, member.call)).status, 403);
  });

  it('ends what came in by password, at once', async () => {
    passwordDevice = await letIn(member.person);
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
    const device = await letIn(person);
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
    const env = {
      POSTERN_MODE: 'development',
      POSTERN_ISSUER: server.issuer,
      POSTERN_SECRET: testSecret,
      DATABASE_URL: server.databaseUrl,
    };
    const run = await runCommand(['organization', 'sign-in', company.id, 'any'], { env });
    assert.equal(run.exitCode, 0, run.stderr);
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
