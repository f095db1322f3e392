import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createBrowserCaller, makeToken } from '../support/api.ts';
import { requestDevice } from '../support/client.ts';
import { foundCompany, hire } from '../support/company.ts';
import { type MailServer, startMailServer, type TakenMail } from '../support/mail.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let mailServer: MailServer;
let server: TestServer;
before(async () => {
  mailServer = await startMailServer();
  server = await startServer({
    settings: {
      POSTERN_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`,
      POSTERN_MAIL_FROM: 'Example <postern@example.com>',
      POSTERN_API_RATE_LIMIT: '10000',
    },
  });
});
beforeEach(() => server.db.query(sql`delete from rate_limits`));
after(async () => {
  await server.stop();
  await mailServer.stop();
});

/** The next mail of a subject to somebody. */
const mailTo = (address: string, subject: RegExp): Promise<TakenMail> =>
  mailServer.next(({ to, headers }) => to.includes(address) && subject.test(headers.get('subject') ?? ''));

const stranger = () => `${crypto.randomUUID()}@example.com`;

describe('an invitation', () => {
  it('comes by mail with the link that the administrator is shown, and lets its person in', async () => {
    const { administrator } = await foundCompany(server, 'Harbour Company');
    const email = stranger();
    const { body } = await administrator.call('POST', '/invitations', { email });
    assert.equal(body.mailed, true);
    const mail = await mailTo(email, /^You are invited to Harbour Company$/);
    assert.deepEqual([mail.from, mail.to], ['postern@example.com', [email]]);
    assert.ok(mail.text.includes(`\n${body.link}\n`), mail.text);
    assert.ok(mail.html.includes(`<a href="${body.link}">`), mail.html);
    assert.ok(mail.text.includes('invites you to join Harbour Company.'));
    const person = createPerson(server.issuer);
    await person.open('/join');
    const text = /#(\S+)/.exec(mail.text)?.[1] ?? '';
    assert.match((await person.submit('/join', { invitation: text })).url, /\/join\/confirm$/);
  });

  it('is in the language of who sent it, unless its reader has chosen one', async () => {
    const { administrator } = await foundCompany(server, 'Harbour Company');
    await server.db.query(sql`update users set language = 'de' where id = ${administrator.id}::uuid`);
    const email = stranger();
    await administrator.call('POST', '/invitations', { email });
    assert.match((await mailTo(email, /Harbour Company/)).html, /<html lang="de">/);
    const reader = await hire(server);
    await server.db.query(sql`update users set language = 'en' where id = ${reader.id}::uuid`);
    await administrator.call('POST', '/invitations', { email: reader.account.email });
    assert.match((await mailTo(reader.account.email, /Harbour Company/)).html, /<html lang="en">/);
  });

  it('has the headers of a mail that nobody wrote, and loads nothing from anywhere', async () => {
    const { administrator } = await foundCompany(server);
    const email = stranger();
    await administrator.call('POST', '/invitations', { email });
    const { headers, html } = await mailTo(email, /invited/);
    assert.equal(headers.get('auto-submitted'), 'auto-generated');
    assert.match(headers.get('message-id') ?? '', /^<[0-9a-f-]{36}@localhost>$/);
    assert.equal(headers.get('from'), 'Example <postern@example.com>');
    assert.equal(headers.get('to'), email);
    assert.match(headers.get('content-type') ?? '', /^multipart\/alternative;/);
    assert.ok(!headers.has('x-mailer'));
    assert.doesNotMatch(html, /<(?:img|script|link|iframe)|url\(|src=/i);
  });

  it('that was taken back before it was sent is not sent, nor one that a later one has replaced', async () => {
    const { administrator } = await foundCompany(server);
    const [first, second] = [stranger(), stranger()];
    await server.db.query(sql`alter table mails alter due_at set default 'infinity'`);
    try {
      const { body } = await administrator.call('POST', '/invitations', { email: first });
      await administrator.call('DELETE', `/invitations/${body.id}`);
      await administrator.call('POST', '/invitations', { email: second });
      await administrator.call('POST', '/invitations', { email: second });
    } finally {
      await server.db.query(sql`alter table mails alter due_at set default now()`);
    }
    const rows = await server.db.query(
      sql`select recipient from mails where recipient in (${first}, ${second})`,
    );
    assert.deepEqual(rows, [{ recipient: second }]);
    await server.db.query(sql`delete from mails where recipient = ${second}`);
  });

  it('fills nobody’s letter-box: after five a day the link has to be handed over', async () => {
    const email = stranger();
    const companies = [await foundCompany(server), await foundCompany(server)] as const;
    const mailed: boolean[] = [];
    for (let count = 0; count < 7; count += 1) {
      const { administrator } = companies[count % 2 === 0 ? 0 : 1];
      const answer = await administrator.call('POST', '/invitations', { email });
      assert.equal(answer.status, 201);
      assert.match(answer.body.link, /#pst_in_/);
      mailed.push(answer.body.mailed);
    }
    assert.deepEqual(mailed, [true, true, true, true, true, false, false]);
  });
});

describe('a person', () => {
  it('is told of a sign-in with a new browser, and of no other', async () => {
    const { account, person } = await hire(server);
    const mail = await mailTo(account.email, /^A new sign-in to your account$/);
    assert.match(mail.text, /From: (?:127\.0\.0\.1|::1), /);
    assert.ok(mail.text.includes(`${server.issuer}/account/security`));
    await person.open('/device');
    await person.submit('/sign-out', {});
    await person.signIn(account);
    const rows = await server.db.query(
      sql`select from mails where recipient = ${account.email} and kind = 'signIn'`,
    );
    assert.equal(rows.length, 1);
  });

  it('is told in their own language', async () => {
    const { account, id } = await hire(server);
    await mailTo(account.email, /sign-in/);
    await server.db.query(sql`update users set language = 'de' where id = ${id}::uuid`);
    await createPerson(server.issuer).signIn(account);
    const mail = await mailTo(account.email, /^Neue Anmeldung in Ihrem Konto$/);
    assert.match(mail.html, /<html lang="de">/);
    assert.match(mail.text, /Wenn Sie das nicht waren/);
  });

  it('is told of a device that was let in, with the way to undo it', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const mail = await mailTo(demoUser.email, /^A device was allowed: Demo CLI$/);
    assert.ok(mail.text.includes(`${server.issuer}/account/devices`), mail.text);
    const { body: another } = await requestDevice(server.issuer);
    await person.enterCode(another.user_code);
    await person.decide('deny');
    const rows = await server.db.query(sql`select from mails where kind = 'deviceApproved'`);
    assert.equal(rows.length, 1);
  });
});

describe('a device that somebody did not start', () => {
  it('is told to the administrators of their organization, and to nobody else', async () => {
    const { administrator, join } = await foundCompany(server, 'Lighthouse Company');
    const [member, colleague] = [await join('member'), await join('member')];
    const { body: device } = await requestDevice(server.issuer);
    const page = await member.person.enterCode(device.user_code, member.account);
    assert.match(page.html, /Allow/);
    await member.person.submit('/device/confirm', { decision: 'report' });
    const mail = await mailTo(administrator.account.email, /^Somebody did not start this: Demo CLI$/);
    assert.match(mail.text, / in Lighthouse Company was asked to let a device in/);
    // What could be a link is broken up by marks that nobody sees.
    assert.ok(mail.text.replaceAll('\u2060', '').includes(member.account.email), mail.text);
    assert.ok(mail.text.includes(`${server.issuer}/admin/audit`), mail.text);
    const others = await server.db.query(
      sql`select from mails where kind = 'deviceReported' and recipient in (${member.account.email}, ${colleague.account.email})`,
    );
    assert.deepEqual(others, []);
  });
});

describe('a token that waits for approval', () => {
  it('is told to those who may approve it, and not to its owner', async () => {
    const { administrator, join } = await foundCompany(server, 'Harbour Company');
    const { body: policy } = await administrator.call('GET', '/policies/tokens');
    await administrator.call('PUT', '/policies/tokens', { ...policy, approval_required: true });
    const member = await join('member');
    const caller = await createBrowserCaller(server.issuer, member.account);
    await makeToken(caller, { name: 'Nightly', reason: 'For the backup' });
    const mail = await mailTo(administrator.account.email, /^A token waits for approval: Nightly$/);
    assert.ok(mail.text.includes('Reason: For the backup'), mail.text);
    assert.ok(mail.text.includes(`${server.issuer}/admin/tokens`));
    const rows = await server.db.query(sql`select recipient from mails where kind = 'tokenWaiting'`);
    assert.deepEqual(rows, [{ recipient: administrator.account.email }]);
    await server.db.query(sql`alter table mails alter due_at set default 'infinity'`);
    try {
      const { id } = await makeToken(caller, { name: 'Hourly', reason: 'For the clock' });
      assert.equal((await administrator.call('POST', `/tokens/${id}/refuse`)).status, 200);
      const late = () =>
        server.db.query<{ sealed: Buffer | null }>(
          sql`select sealed from mails where topic = ${`approval ${id}`}`,
        );
      assert.equal((await late()).length, 1);
      await server.db.query(sql`update mails set due_at = now() where topic = ${`approval ${id}`}`);
      const left = await until(async () => {
        const rows = await late();
        return rows.every(({ sealed }) => sealed === null) && rows;
      });
      assert.deepEqual(left, [], 'what was decided meanwhile is told to nobody');
    } finally {
      await server.db.query(sql`alter table mails alter due_at set default now()`);
    }
  });
});
