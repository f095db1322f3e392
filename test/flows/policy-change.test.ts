import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { createTokenCaller } from '../support/api.ts';
import { importLegacy } from '../support/api-token.ts';
import { refresh } from '../support/client.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { letDeviceInBy } from '../support/device-login.ts';
import {
  registerProvider,
  signInAt,
  startIdentityProvider,
  type TestProvider,
} from '../support/identity-provider.ts';
import { createPerson, hiddenField, type Page, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let provider: TestProvider;
before(async () => {
  server = await startServer();
  provider = await startIdentityProvider([`${server.issuer}/sign-in/callback/anybody`]);
  await registerProvider(server, provider, { id: 'anybody' });
});
after(async () => {
  await provider.stop();
  await server.stop();
});

const { uri } = demoResource;
const both = { [uri]: ['read', 'write'] };
const reading = { [uri]: ['read'] };
const demand = (permissions: Record<string, string[]> | null) => ({
  longest_lifetime_seconds: null,
  expiry_required: false,
  approval_required: false,
  permissions,
});
const onlyReading = { limited: 'yes', permission: `${uri} read` };

/** Sends a form as the page has it: the name of the state is written with character references there. */
function send(person: Person, page: Page, action: string, fields: Record<string, string>): Promise<Page> {
  const form = page.html.slice(page.html.indexOf(`action="${action}"`));
  const condition = hiddenField({ ...page, html: form }, 'condition').replaceAll('&#34;', '"');
  return person.submit(action, { condition, ...fields });
}

async function makeToken({ call }: Employee, permissions: object, path = '/tokens') {
  const { status, body } = await call('POST', path, { name: 'Reports', permissions });
  assert.equal(status, 201, JSON.stringify(body));
  return body as { id: string; value: string };
}

describe('a narrower policy for tokens', () => {
  const path = '/admin/policies';

  it('is saved only after it has said how many tokens lose a permission', async () => {
    const { id, administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { person, call } = administrator;
    const used = await makeToken(member, both);
    await makeToken(member, reading);
    await makeToken(administrator, both, '/shared-tokens');
    const dead = await makeToken(member, both);
    await member.call('POST', `/tokens/${dead.id}/disable`);
    const expired = await makeToken(member, both);
    await server.db.query(
      sql`update api_tokens set expires_at = now() - interval '1 second' where id = ${expired.id}::uuid`,
    );
    const held = await makeToken(administrator, both, '/shared-tokens');
    await call('DELETE', `/shared-tokens/${held.id}/values`);
    const secretDigest = sha256('old');
    const legacy = { id: crypto.randomUUID(), secretDigest, ownerEmail: member.account.email, name: 'Old' };
    assert.equal(await importLegacy(server.db, id, legacy), 'imported');
    const { body } = await call('POST', '/policies/tokens/preview', demand(reading));
    assert.deepEqual(body, { narrowed_tokens: 3 });
    assert.equal((await member.call('POST', '/policies/tokens/preview', demand(reading))).status, 403);
    const policy = async () => (await call('GET', '/policies/tokens')).body.permissions;
    const asked = await send(person, await person.open(path), path, onlyReading);
    assert.match(asked.html, /Live tokens that lose a permission: 3\./);
    const german = createPerson(server.issuer, { 'accept-language': 'de' });
    await german.signIn(administrator.account);
    const gefragt = await send(german, await german.open(path), path, onlyReading);
    assert.match(gefragt.html, /Gültige Tokens, die eine Berechtigung verlieren: 3\./);
    assert.equal(await policy(), null, 'nothing is saved before it is confirmed');
    const may = async () =>
      (await createTokenCaller(server.issuer, used.value)('GET', '/users/me')).body.permissions;
    assert.deepEqual(await may(), both);
    const saved = await send(person, asked, path, {});
    assert.match(saved.html, /It is saved/);
    assert.deepEqual([await policy(), await may()], [reading, reading]);
    const again = await send(person, saved, path, onlyReading);
    assert.match(again.html, /It is saved/, 'it takes nothing more, and so asks nothing');
  });

  it('is not saved where somebody has changed the policy since it was asked about', async () => {
    const { administrator } = await foundCompany(server);
    const { person, call } = administrator;
    await makeToken(administrator, both);
    const asked = await send(person, await person.open(path), path, onlyReading);
    assert.match(asked.html, /lose a permission: 1\./);
    const other = { ...demand(null), approval_required: true };
    assert.equal((await call('PUT', '/policies/tokens', other)).status, 200);
    assert.match((await send(person, asked, path, {})).html, /Somebody has changed it meanwhile/);
    assert.deepEqual((await call('GET', '/policies/tokens')).body, other);
  });
});

describe('an identity provider that is to be required', () => {
  const path = '/admin/policies/sign-in';

  it('is so only after it has been said who and what stops', async () => {
    const { id, administrator, join } = await foundCompany(server);
    const [stranger, known, bound] = [await join('member'), await join('member'), await join('member')];
    for (const employee of [administrator, known, bound])
      await server.db.query(sql`
        insert into identities (provider_id, subject, user_id)
        values ('anybody', ${employee.id}, ${employee.id}::uuid)`);
    await server.db.query(sql`
      delete from sessions where user_id in (${administrator.id}::uuid, ${known.id}::uuid)`);
    await letDeviceInBy(bound.person, server.issuer);
    await server.db.query(sql`
      update members set requires_identity_provider = true where user_id = ${bound.id}::uuid`);
    provider.person = { sub: administrator.id };
    const person = createPerson(server.issuer);
    assert.equal((await signInAt(person, 'anybody')).status, 200);
    await letDeviceInBy(person, server.issuer);
    const device = (await letDeviceInBy(stranger.person, server.issuer)).refresh_token;
    const secretDigest = sha256('old');
    for (const { account } of [stranger, known]) {
      const legacy = { id: crypto.randomUUID(), secretDigest, ownerEmail: account.email, name: 'Old' };
      assert.equal(await importLegacy(server.db, id, legacy), 'imported');
    }
    const losses =
      /now: 1\.<.*Devices and apps that stop: 1\.<.*Credentials from the earlier system that stop: 2\./s;
    const asked = await send(person, await person.open('/admin/policies'), path, { provider: 'yes' });
    assert.match(asked.html, losses);
    const isRequired = async () => {
      const [row] = await server.db.query<{ requires_identity_provider: boolean }>(
        sql`select requires_identity_provider from organizations where id = ${id}::uuid`,
      );
      return row?.requires_identity_provider;
    };
    assert.equal(await isRequired(), false);
    await createPerson(server.issuer).signIn(known.account);
    const more = await send(person, await person.open('/admin/policies'), path, { provider: 'yes' });
    assert.match(more.html, /otherwise now: 2\./);
    const saved = await send(person, more, path, {});
    assert.match(saved.html, /It is saved/);
    assert.equal(await isRequired(), true);
    assert.equal((await refresh(server.issuer, device)).body.error, 'invalid_grant');
    assert.match((await send(person, saved, path, { provider: 'yes' })).html, /It is saved/);
  });
});
