import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { type Employee, foundCompany, hire } from '../support/company.ts';
import { createPerson, hiddenField, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
});
beforeEach(() => server.db.query(sql`delete from rate_limits`));
after(() => server.stop());

const password = 'nine purple kites over the harbour';

async function invite(by: Employee, email = `${crypto.randomUUID()}@example.com`, role = 'member') {
  const { body } = await by.call('POST', '/invitations', { email, role });
  return { email, id: body.id as string, link: body.link as string };
}

/** Opens the page of the link and sends what stands behind its hash, as the page's script does. */
async function follow(person: Person, link: string) {
  await person.open('/join');
  return await person.submit('/join', { invitation: link.slice(link.indexOf('#') + 1) });
}

async function membersOf({ administrator }: { administrator: Employee }): Promise<string[]> {
  const { body } = await administrator.call('GET', '/members');
  return body.items.map(({ email }: { email: string }) => email);
}

describe('somebody new with an invitation', () => {
  it('chooses a password, and is signed in as a member', async () => {
    const company = await foundCompany(server, 'Harbour Company');
    const { email, link } = await invite(company.administrator);
    const person = createPerson(server.issuer);
    const page = await follow(person, link);
    assert.match(page.html, /Join <bdi>Harbour Company/);
    assert.ok(page.html.includes(email));
    const done = await person.submit('/join/confirm', { password, password_again: password });
    assert.match(done.html, /Welcome to <bdi>Harbour Company/);
    assert.ok((await membersOf(company)).includes(email));
    const { html } = await createPerson(server.issuer).signIn({ email, password });
    assert.match(html, /Signed in as/);
    const acts = await server.db.query<{ action: string }>(
      sql`select action from audit_events where actor_name = ${email} and action in ('user.added', 'invitation.accepted') order by action`,
    );
    assert.deepEqual(acts, [{ action: 'invitation.accepted' }, { action: 'user.added' }]);
  });

  it('pastes the whole link where no script runs', async () => {
    const company = await foundCompany(server);
    const { link } = await invite(company.administrator);
    const person = createPerson(server.issuer);
    await person.open('/join');
    assert.match((await person.submit('/join', { invitation: ` ${link} ` })).url, /\/join\/confirm$/);
  });

  it('is held to the rules for passwords, and changes nothing until one is good', async () => {
    const company = await foundCompany(server);
    const { email, link } = await invite(company.administrator);
    const person = createPerson(server.issuer);
    await follow(person, link);
    for (const [password_, again, sentence] of [
      ['short', 'short', /too short/],
      ['passwordpassword', 'passwordpassword', /easy to guess/],
      [email, email, /easy to guess/],
      [password, `${password}!`, /not the same/],
      ['', '', /too short/],
    ] as const) {
      const page = await person.submit('/join/confirm', { password: password_, password_again: again });
      assert.equal(page.status, 400);
      assert.match(page.html, sentence);
    }
    assert.deepEqual(await server.db.query(sql`select from users where email = ${email}`), []);
    await person.submit('/join/confirm', { password, password_again: password });
    assert.ok((await membersOf(company)).includes(email));
  });

  it('becomes neither user nor member when the invitation ends meanwhile', async () => {
    const company = await foundCompany(server);
    const { email, id, link } = await invite(company.administrator);
    const person = createPerson(server.issuer);
    await follow(person, link);
    await company.administrator.call('DELETE', `/invitations/${id}`);
    const page = await person.submit('/join/confirm', { password, password_again: password });
    assert.match(page.html, /This invitation does not work/);
    assert.deepEqual(await server.db.query(sql`select from users where email = ${email}`), []);
  });

  it('becomes neither when it ends in the middle of the acceptance', async () => {
    const company = await foundCompany(server);
    const { email, id, link } = await invite(company.administrator);
    const person = createPerson(server.issuer);
    await follow(person, link);
    const { accepted } = await server.db.transaction(async (tx) => {
      await tx.query(sql`delete from invitations where id = ${id}::uuid`);
      const accepted = person.submit('/join/confirm', { password, password_again: password });
      const blocked = sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await until(async () => (await server.db.query(blocked)).length > 0);
      return { accepted };
    });
    assert.match((await accepted).html, /This invitation does not work/);
    assert.deepEqual(await server.db.query(sql`select from users where email = ${email}`), []);
  });

  it('becomes one user and one member when the form is sent many times at once', async () => {
    const company = await foundCompany(server);
    const { email, link } = await invite(company.administrator);
    const person = createPerson(server.issuer);
    const csrf = hiddenField(await follow(person, link), 'csrf');
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        fetch(`${server.issuer}/join/confirm`, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie, origin: server.issuer },
          body: new URLSearchParams({ csrf, password, password_again: password }),
        }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, ...Array(5).fill(400)]);
    assert.equal((await server.db.query(sql`select from users where email = ${email}`)).length, 1);
    assert.equal((await membersOf(company)).filter((each) => each === email).length, 1);
  });
});

describe('somebody with an account and an invitation', () => {
  it('who is signed in, joins with one press, and acts there', async () => {
    const company = await foundCompany(server, 'New Place');
    const employee = await (await foundCompany(server)).join('member');
    const { link } = await invite(company.administrator, employee.account.email, 'administrator');
    const page = await follow(employee.person, link);
    assert.match(page.html, /as an administrator/);
    assert.doesNotMatch(page.html, /type="password"/);
    assert.match((await employee.person.submit('/join/confirm', {})).html, /Welcome to <bdi>New Place/);
    assert.equal((await employee.call('GET', '/users/me')).body.organization.id, company.id);
  });

  it('who is not, signs in first and comes back to it', async () => {
    const company = await foundCompany(server);
    const { account } = await hire(server);
    const { link } = await invite(company.administrator, account.email);
    const person = createPerson(server.issuer);
    const page = await follow(person, link);
    assert.match(page.html, /There is an account with this address/);
    assert.doesNotMatch(page.html, /type="password"/);
    await person.open('/sign-in');
    const back = await person.submit('/sign-in', account);
    assert.match(back.url, /\/join\/confirm$/);
    await person.submit('/join/confirm', {});
    assert.ok((await membersOf(company)).includes(account.email));
  });

  it('cannot be given another password by it', async () => {
    const company = await foundCompany(server);
    const { account } = await hire(server);
    const { link } = await invite(company.administrator, account.email);
    const stranger = createPerson(server.issuer);
    const csrf = hiddenField(await stranger.open('/join'), 'csrf');
    await follow(stranger, link);
    const page = await stranger.send('/join/confirm', { csrf, password, password_again: password });
    assert.match(page.html, /There is an account with this address/);
    assert.ok(!(await membersOf(company)).includes(account.email));
    assert.equal((await createPerson(server.issuer).signIn({ ...account, password })).status, 400);
  });

  it('is told when another account is signed in, and the invitation stays open', async () => {
    const company = await foundCompany(server);
    const { person, account } = await hire(server);
    const { email, link } = await invite(company.administrator);
    const page = await follow(person, link);
    assert.match(page.html, /Sign out, then open the link/);
    assert.ok(page.html.includes(email) && page.html.includes(account.email));
    assert.doesNotMatch(page.html, /action="[^"]*\/join\/confirm"/);
    const refused = await person.send('/join/confirm', { csrf: hiddenField(page, 'csrf') });
    assert.equal(refused.status, 400);
    assert.deepEqual(await membersOf(company), [company.administrator.account.email]);
    assert.match((await follow(createPerson(server.issuer), link)).html, /Choose a password/);
  });
});

describe('the page of an invitation', () => {
  it('has one answer for a link that was used, has run out, was taken back or never was', async () => {
    const company = await foundCompany(server);
    const [used, old, takenBack] = [
      await invite(company.administrator),
      await invite(company.administrator),
      await invite(company.administrator),
    ];
    const first = createPerson(server.issuer);
    await follow(first, used.link);
    await first.submit('/join/confirm', { password, password_again: password });
    await server.db.query(sql`update invitations set expires_at = now() where id = ${old.id}::uuid`);
    await company.administrator.call('DELETE', `/invitations/${takenBack.id}`);
    const pages = [];
    const changed = `${used.link.slice(0, -1)}${used.link.endsWith('a') ? 'b' : 'a'}`;
    for (const link of [used.link, old.link, takenBack.link, changed, 'nonsense', '#pst_at_x']) {
      const { status, html } = await follow(createPerson(server.issuer), link);
      pages.push(`${status} ${html.replace(/name="csrf" value="[^"]+"/g, '')}`);
    }
    assert.equal(new Set(pages).size, 1);
    assert.match(pages[0] ?? '', /^400 [\s\S]*This invitation does not work/);
  });

  it('changes nothing by GET, and takes no form from elsewhere', async () => {
    const company = await foundCompany(server);
    const { link, email } = await invite(company.administrator);
    const text = link.slice(link.indexOf('#') + 1);
    const person = createPerson(server.issuer);
    assert.doesNotMatch((await person.open(`/join?invitation=${text}`)).html, new RegExp(text));
    assert.equal((await person.send('/join', { invitation: text })).status, 403);
    await follow(person, link);
    await person.open('/join/confirm?password=x');
    for (const headers of [{}, { origin: 'https://evil.example' }]) {
      const fields = { password, password_again: password, csrf: 'x' };
      assert.equal((await person.send('/join/confirm', fields, headers)).status, 403);
    }
    assert.deepEqual(await server.db.query(sql`select from users where email = ${email}`), []);
  });

  it('is limited for an address that guesses, whose right link waits too', async () => {
    const company = await foundCompany(server);
    const { link } = await invite(company.administrator);
    const guesser = createPerson(server.issuer);
    for (let guess = 0; guess < 30; guess += 1) await follow(guesser, '#guess');
    const page = await follow(guesser, link);
    assert.equal(page.status, 429);
    assert.match(page.html, /Too many tries/);
    await server.db.query(sql`delete from rate_limits`);
    for (let round = 0; round < 40; round += 1) {
      const { url } = await follow(createPerson(server.issuer), link);
      assert.match(url, /\/join\/confirm$/, 'a right one costs nothing');
    }
  });

  it('is forgotten by the browser at sign-out', async () => {
    const company = await foundCompany(server);
    const { person } = await hire(server);
    const { link } = await invite(company.administrator);
    await follow(person, link);
    await person.submit('/sign-out', {});
    assert.match((await person.open('/join/confirm')).html, /Paste the link/);
  });

  it('leaves the secret in no log', async () => {
    const company = await foundCompany(server);
    const { link } = await invite(company.administrator);
    const text = link.slice(link.indexOf('#') + 1);
    const person = createPerson(server.issuer);
    await follow(person, link);
    await person.submit('/join/confirm', { password, password_again: password });
    assert.ok(!server.logged().includes(text));
    assert.ok(!person.hops.some(({ url }) => url.includes(text)));
  });
});
