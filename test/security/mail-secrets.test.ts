import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { runCommand } from '../cli/terminal.ts';
import { foundCompany } from '../support/company.ts';
import { type MailServer, startMailServer } from '../support/mail.ts';
import { openDatabase } from '../support/postgres.ts';
import { openProduction } from '../support/production.ts';
import { spellings } from '../support/search.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { until } from '../support/until.ts';

const newSecret = 'another-master-secret-0123456789-abcdefgh';
const smtpPassword = 'a-password-of-the-mail-server';

let mailServer: MailServer;
let server: TestServer;
let settings: Record<string, string>;
before(async () => {
  mailServer = await startMailServer({
    allowInsecureAuth: true,
    onAuth: ({ password, username }, _session, done) =>
      password === smtpPassword ? done(null, { user: username ?? '' }) : done(new Error('no')),
  });
  settings = {
    POSTERN_SMTP_URL: `smtp://postern:${smtpPassword}@127.0.0.1:${mailServer.port}`,
    POSTERN_MAIL_FROM: 'postern@example.com',
  };
  server = await startServer({ settings });
});
after(async () => {
  await server.stop();
  await mailServer.stop();
});

const textOf = (link: string) => link.slice(link.indexOf('#') + 1);

/** Invites somebody; returns to whom, and the secret of the link. */
async function invite(on: TestServer = server): Promise<{ email: string; secret: string; mailed: boolean }> {
  const { administrator } = await foundCompany(on, 'Harbour Company');
  const email = `${crypto.randomUUID()}@example.com`;
  const { body } = await administrator.call('POST', '/invitations', { email });
  return { email, secret: textOf(body.link), mailed: body.mailed };
}

/** Invites somebody whose mail waits until `wake`. */
async function inviteLater(on: TestServer = server): Promise<{ email: string; secret: string }> {
  await on.db.query(sql`alter table mails alter due_at set default 'infinity'`);
  try {
    return await invite(on);
  } finally {
    await on.db.query(sql`alter table mails alter due_at set default now()`);
  }
}

const wake = (on: TestServer = server) =>
  on.db.query(sql`update mails set due_at = now() where sealed is not null`);

describe('a mail that waits', () => {
  it('holds no link in a dump of the database, in no spelling, and neither does one that was sent', async () => {
    const sent = await invite();
    await mailServer.next(({ to }) => to.includes(sent.email));
    const waiting = await inviteLater();
    const rows = await server.db.query<{ row: string }>(sql`select mails::text as row from mails`);
    const dump = rows.map(({ row }) => row).join('\n');
    assert.ok(dump.includes(sent.email) && dump.includes(waiting.email));
    for (const { secret } of [sent, waiting])
      for (const form of spellings(secret)) assert.ok(!dump.includes(form));
    assert.ok(!dump.includes('Harbour Company'));
    await wake();
  });

  it('is sent after the master secret was changed, and is worth nothing under another id', async () => {
    const database = await openDatabase();
    const first = await startServer({ settings, databaseUrl: database.url });
    const [moved, kept] = [await inviteLater(first), await inviteLater(first)];
    await first.stop();
    const env = {
      DATABASE_URL: database.url,
      POSTERN_SECRET: newSecret,
      POSTERN_PREVIOUS_SECRET: testSecret,
    };
    const rotated = await runCommand(['secret', 'rotate'], { env });
    assert.equal(rotated.exitCode, 0, rotated.stderr);
    assert.match(rotated.stderr, / and \d+ waiting mails under the present secret/);
    const again = await runCommand(['secret', 'rotate', '--json'], { env });
    assert.equal(JSON.parse(again.stdout).mails, 0);
    const next = await startServer({
      databaseUrl: database.url,
      settings: { ...settings, POSTERN_SECRET: newSecret },
    });
    await next.db.query(sql`
      update mails set sealed = (select sealed from mails where recipient = ${kept.email})
      where recipient = ${moved.email}`);
    await wake(next);
    const mail = await mailServer.next(({ to }) => to.includes(kept.email));
    assert.ok(mail.text.includes(kept.secret));
    const failures = () =>
      next.db.query(sql`
        select failure, sealed is null as forgotten from mails
        where recipient = ${moved.email} and failure is not null`);
    await until(async () => (await failures()).length > 0);
    assert.deepEqual(await failures(), [{ failure: 'no master secret opens it', forgotten: false }]);
    assert.ok(!mailServer.taken.some(({ to }) => to.includes(moved.email)));
    await next.stop();
    await database.drop();
  });
});

describe('the log', () => {
  it('holds no link, also where the mail server repeats what it got', async () => {
    let secret = '';
    mailServer.answer = () => ({ code: 550, text: `refused for ${secret}` });
    const invited = await inviteLater();
    secret = invited.secret;
    await wake();
    const failed = sql`select from mails where recipient = ${invited.email} and failed_at is not null`;
    await until(async () => (await server.db.query(failed)).length > 0);
    mailServer.answer = undefined;
    const [row] = await server.db.query<{ failure: string }>(
      sql`select failure from mails where recipient = ${invited.email}`,
    );
    assert.match(row?.failure ?? '', /refused for \[redacted\]/);
    await until(() => server.logged().includes('refused for good'));
    assert.ok(!server.logged().includes(secret));
    assert.ok(!server.logged().includes(Buffer.from(`\0postern\0${smtpPassword}`).toString('base64')));
  });
});

describe('without a mail server', () => {
  it('development shows the mail with its link to who runs it', async () => {
    const shown: string[] = [];
    const development = await startServer({ showMail: (text) => shown.push(text) });
    const { email, secret, mailed } = await invite(development);
    assert.equal(mailed, true);
    const text = await until(() => shown.find((each) => each.includes(email)));
    assert.match(text, /^Mail to \S+: You are invited to Harbour Company\n/);
    assert.ok(text.includes(`${development.issuer}/join#${secret}\n`), text);
    assert.ok(!development.logged().includes(secret));
    await development.stop();
  });

  it('production keeps nothing and shows nothing: administrators hand the link over', async () => {
    const production = await openProduction();
    const shown: string[] = [];
    const running = await startServer({
      databaseUrl: production.settings().DATABASE_URL ?? '',
      settings: { ...production.settings(), POSTERN_MODE: 'production' },
      showMail: (text) => shown.push(text),
    });
    const { mailed, secret } = await invite(running);
    assert.match(secret, /^pst_in_/);
    assert.equal(mailed, false);
    assert.deepEqual(await running.db.query(sql`select from mails`), []);
    await running.stop();
    assert.deepEqual(shown, []);
    await production.drop();
  });
});
