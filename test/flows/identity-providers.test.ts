import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addMember } from '../../src/organizations/member.ts';
import { addOrganization } from '../../src/organizations/organization.ts';
import { sql } from '../../src/postgres/sql.ts';
import { untilRecorded } from '../support/audit.ts';
import { requestDevice } from '../support/client.ts';
import { type Employee, foundCompany, hire } from '../support/company.ts';
import {
  leaveFor,
  registerProvider,
  signInAt,
  startIdentityProvider,
  type TestProvider,
} from '../support/identity-provider.ts';
import { ada, addAccount, createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const serverChain = '00000000-0000-0000-0000-000000000000';

let server: TestServer;
let provider: TestProvider;
let company: Awaited<ReturnType<typeof foundCompany>>;
let adaId: string;
before(async () => {
  server = await startServer();
  const { issuer, db } = server;
  const ids = ['acme', 'linking', 'company', 'others'];
  provider = await startIdentityProvider(ids.map((id) => `${issuer}/sign-in/callback/${id}`));
  company = await foundCompany(server, 'Herons');
  adaId = await addAccount(db, ada);
  await registerProvider(server, provider);
  await registerProvider(server, provider, { id: 'linking', name: 'Linking', linksVerifiedEmail: true });
  await registerProvider(server, provider, {
    id: 'company',
    name: 'Herons',
    organizationId: company.id,
    domains: ['herons.example'],
    linksVerifiedEmail: true,
  });
});
after(async () => {
  await provider.stop();
  await server.stop();
});

async function findUser(email: string): Promise<{ id: string; password_hash: string | null } | undefined> {
  const [row] = await server.db.query<{ id: string; password_hash: string | null }>(
    sql`select id, password_hash from users where email = ${email}`,
  );
  return row;
}

describe('the sign-in page', () => {
  it('lists the providers with email and password among them', async () => {
    const { html } = await createPerson(server.issuer).open('/sign-in');
    assert.match(html, /Sign in with <bdi>Acme Accounts<\/bdi>/);
    assert.match(html, /Or with email and password/);
    assert.match(html, /type="password"/);
  });

  it('names an organization’s own to nobody but who knows of it, by its address, an invitation or their email', async () => {
    const own = /Sign in with <bdi>Herons<\/bdi>/;
    const person = createPerson(server.issuer);
    assert.doesNotMatch((await person.open('/sign-in')).html, /Herons/);
    const organization = { way: 'organization' };
    const found = await person.submit('/sign-in', { email: 'no.one@Herons.Example', ...organization });
    assert.match(found.html, own);
    const other = await person.submit('/sign-in', { email: 'no.one@geese.example', ...organization });
    assert.match(other.html, /No organization has a sign-in of its own here for this email/);
    assert.doesNotMatch(other.html, /Herons/);
    assert.match((await person.open(`/sign-in?organization=${company.id}`)).html, own);
    const wrong = await person.submit('/sign-in', { email: 'x@y.example', password: 'wrong' });
    assert.match(wrong.html, own, 'also after a wrong password');
    for (const unknown of [crypto.randomUUID(), 'Herons', '%27'])
      assert.doesNotMatch((await person.open(`/sign-in?organization=${unknown}`)).html, own);
    const invited = await company.administrator.call('POST', '/invitations', { email: 'heron@y.example' });
    await person.open('/join');
    await person.submit('/join', { invitation: invited.body.link });
    assert.match((await person.open('/sign-in')).html, own);
  });

  it('tells nobody which there are whom it has not sent away', async () => {
    const person = createPerson(server.issuer);
    const pages = await Promise.all(
      ['company', 'nobodys'].map((id) => person.open(`/sign-in/callback/${id}?code=x&state=y`)),
    );
    assert.deepEqual(
      pages.map(({ status }) => status),
      [400, 400],
    );
  });

  it('does not offer one that is disabled, whose button leads nowhere', async () => {
    await server.db.query(sql`update identity_providers set disabled_at = now() where id = 'acme'`);
    const person = createPerson(server.issuer);
    assert.doesNotMatch((await person.open('/sign-in')).html, /Acme Accounts/);
    assert.equal((await person.submit('/sign-in/provider', { provider: 'acme' })).status, 404);
    await server.db.query(sql`update identity_providers set disabled_at = null where id = 'acme'`);
  });
});

describe('a sign-in at an identity provider', () => {
  it('asks with PKCE, a nonce and a state of its own each time', async () => {
    const person = createPerson(server.issuer);
    const [one, other] = [await leaveFor(person, 'acme'), await leaveFor(person, 'acme')];
    assert.equal(one.searchParams.get('code_challenge_method'), 'S256');
    assert.equal(one.searchParams.get('response_type'), 'code');
    assert.equal(one.searchParams.get('redirect_uri'), `${server.issuer}/sign-in/callback/acme`);
    for (const name of ['code_challenge', 'nonce', 'state']) {
      assert.ok((one.searchParams.get(name)?.length ?? 0) >= 43, name);
      assert.notEqual(one.searchParams.get(name), other.searchParams.get(name), name);
    }
  });

  it('signs in as who has the verified address here, where the operator says so, and remembers who that is', async () => {
    provider.person = { sub: 'ada-1', email: 'ADA@example.com', email_verified: true, amr: ['hwk', 'mfa'] };
    const person = createPerson(server.issuer);
    const page = await signInAt(person, 'linking');
    assert.ok(page.url.endsWith('/account'), page.html);
    assert.match(page.html, /ada@example\.com/);
    const [session] = await server.db.query<{ amr: string[]; identity_provider: string; acr: string }>(sql`
      select amr, identity_provider, identity_provider_acr as acr from sessions where user_id = ${adaId}::uuid`);
    assert.deepEqual(session, { amr: ['fed', 'hwk', 'mfa'], identity_provider: 'linking', acr: 'gold' });
    const [linked] = await untilRecorded(server.db, serverChain, { action: 'identity.linked' });
    assert.equal(linked?.targetId, adaId);
    // The address counts no more: the subject does.
    provider.person = { sub: 'ada-1', email: 'other@example.com', email_verified: false };
    assert.match((await signInAt(createPerson(server.issuer), 'linking')).html, /ada@example\.com/);
  });

  it('does not take the account of somebody whose address a second subject has got since', async () => {
    provider.person = { sub: 'ada-2', email: ada.email, email_verified: true };
    const page = await signInAt(createPerson(server.issuer), 'linking');
    assert.deepEqual([page.status, /Sign in as before/.test(page.html)], [400, true]);
  });

  it('links nobody where the operator does not say so', async () => {
    provider.person = { sub: 'ada-3', email: ada.email, email_verified: true };
    const page = await signInAt(createPerson(server.issuer), 'acme');
    assert.match(page.html, /ada@example\.com.*has an account here/s);
  });

  it('tells a stranger whom to ask', async () => {
    provider.person = { sub: 'nobody', email: 'nobody@elsewhere.example', email_verified: true };
    const page = await signInAt(createPerson(server.issuer), 'acme');
    assert.match(page.html, /Ask an administrator of your organization for an invitation/);
    assert.equal(await findUser('nobody@elsewhere.example'), undefined);
  });

  it('makes a member without a password of who has an address of the provider’s domain', async () => {
    provider.person = { sub: 'bea', email: 'bea@herons.example', email_verified: true };
    const page = await signInAt(createPerson(server.issuer), 'company');
    assert.match(page.html, /bea@herons\.example/);
    const user = await findUser('bea@herons.example');
    assert.equal(user?.password_hash, null);
    const members = (await company.administrator.call('GET', '/members')).body.items;
    assert.equal(
      members.find(({ email }: { email: string }) => email === 'bea@herons.example')?.role,
      'member',
    );
    for (const action of ['user.added', 'identity.linked', 'member.added'] as const) {
      const [event] = await untilRecorded(server.db, company.id, { action });
      assert.equal(JSON.parse(event?.details ?? '{}').identity_provider, 'company', action);
    }
    // Who has no password cannot sign in with one, and is told what everybody is told.
    const guesser = createPerson(server.issuer);
    const guess = await guesser.signIn({ email: 'bea@herons.example', password: 'seven grey herons wade' });
    assert.match(guess.html, /do not go together/);
  });

  it('makes an account for who was invited in the same browser', async () => {
    const email = 'cleo@elsewhere.example';
    const invited = await company.administrator.call('POST', '/invitations', { email });
    const person = createPerson(server.issuer);
    await person.open('/join');
    await person.submit('/join', { invitation: invited.body.link });
    provider.person = { sub: 'cleo', email, email_verified: true };
    const page = await signInAt(person, 'acme');
    assert.ok(page.url.endsWith('/join/done'), page.html);
    assert.match(page.html, /Herons/);
    assert.equal((await company.administrator.call('GET', '/members')).body.items.length, 3);
  });

  it('goes on with the device that waits', async () => {
    const { body } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.open('/device');
    await person.submit('/device', { user_code: body.user_code });
    provider.person = { sub: 'ada-1' };
    const page = await signInAt(person, 'linking');
    assert.match(page.html, /Allow <bdi>Demo CLI<\/bdi>/);
  });

  it('ends calmly when it is cancelled there', async () => {
    provider.person = undefined;
    const page = await signInAt(createPerson(server.issuer), 'acme');
    assert.deepEqual([page.status, /was stopped/.test(page.html)], [400, true]);
  });

  it('is refused to who is disabled, and who is no member any more', async () => {
    provider.person = { sub: 'bea', email: 'bea@herons.example', email_verified: true };
    const user = await findUser('bea@herons.example');
    await company.administrator.call('PATCH', `/members/${user?.id}`, { disabled: true });
    assert.match((await signInAt(createPerson(server.issuer), 'company')).html, /You cannot sign in/);
    await company.administrator.call('DELETE', `/members/${user?.id}`);
    assert.match((await signInAt(createPerson(server.issuer), 'company')).html, /You cannot sign in/);
    await addMember(server.db, { organizationId: company.id, userId: user?.id ?? '', role: 'member' });
    assert.match((await signInAt(createPerson(server.issuer), 'company')).html, /bea@herons\.example/);
  });

  it('ends with its provider', async () => {
    provider.person = { sub: 'bea' };
    const person = createPerson(server.issuer);
    await signInAt(person, 'company');
    assert.match((await person.open('/account')).html, /bea@herons\.example/);
    await server.db.query(sql`update identity_providers set disabled_at = now() where id = 'company'`);
    assert.ok((await person.open('/account')).url.endsWith('/sign-in'));
    await server.db.query(sql`update identity_providers set disabled_at = null where id = 'company'`);
  });

  it('of ten at once for a new person makes one account', async () => {
    provider.person = { sub: 'dora', email: 'dora@herons.example', email_verified: true };
    const pages = await Promise.all(
      Array.from({ length: 10 }, () => signInAt(createPerson(server.issuer), 'company')),
    );
    assert.deepEqual([...new Set(pages.map(({ status }) => status))], [200]);
    const rows = await server.db.query(sql`select from identities where subject = 'dora'`);
    assert.equal(rows.length, 1);
  });
});

describe('a sign-in at an organization’s provider', () => {
  let employee: Employee;
  let elsewhere: string;
  before(async () => {
    employee = await hire(server);
    await company.join('member', employee);
    const { id } = await addOrganization(server.db, { name: 'Otters', administratorId: employee.id });
    elsewhere = id;
    await server.db.query(sql`
      insert into identities (provider_id, subject, user_id) values ('company', 'emma', ${employee.id}::uuid)`);
  });

  it('acts in that organization and in no other', async () => {
    provider.person = { sub: 'emma' };
    const person = createPerson(server.issuer);
    assert.match((await signInAt(person, 'company')).html, /Herons/);
    const { html } = await person.open('/organization');
    const id = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    await person.send('/organization', { csrf: id, organization_id: elsewhere });
    const account = (await person.open('/account')).html;
    assert.match(account, /Herons/);
    assert.doesNotMatch(account, /Acting in <strong><bdi>Otters/);
  });
});
