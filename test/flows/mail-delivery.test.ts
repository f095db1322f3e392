import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { SMTPServerOptions } from 'smtp-server';
import { createOutbox } from '../../src/mail/outbox.ts';
import { createSmtpTransport } from '../../src/mail/smtp.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { runCommand } from '../cli/terminal.ts';
import { alternative, makeCertificate } from '../support/certificate-authority.ts';
import { type MailServer, startMailServer } from '../support/mail.ts';
import { findFreePort } from '../support/port.ts';
import { openDatabase } from '../support/postgres.ts';
import { serve } from '../support/process.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { until } from '../support/until.ts';

const from = 'postern@example.com';
const link = 'https://login.example.com/join#pst_in_a-secret-that-nobody-guesses';

let mailServer: MailServer;
let server: TestServer;
let settings: Record<string, string>;
before(async () => {
  mailServer = await startMailServer({ port: await findFreePort() });
  settings = { POSTERN_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`, POSTERN_MAIL_FROM: from };
  server = await startServer({ settings });
});
beforeEach(async () => {
  mailServer.answer = undefined;
  await server.db.query(sql`delete from mails`);
});
after(async () => {
  await server.stop();
  await mailServer.stop();
});

const stranger = () => `${crypto.randomUUID()}@example.com`;

/** Writes an invitation, and tells to whom. */
async function write(db: Pool = server.db, recipient = stranger()): Promise<string> {
  const outbox = createOutbox({ secrets: [testSecret], isOpen: true });
  const data = {
    organization: 'Harbour',
    inviter: 'ada@example.com',
    link,
    expiresAt: '2030-01-01T00:00:00Z',
  };
  await db.transaction((tx) => outbox.enqueue(tx, { kind: 'invitation', recipient, data }));
  return recipient;
}

type Row = {
  attempts: number;
  sent: boolean;
  failed: boolean;
  sealed: Buffer | null;
  failure: string | null;
  pause: number;
};

async function read(recipient: string, db: Pool = server.db): Promise<Row | undefined> {
  const [row] = await db.query<Row>(sql`
    select attempts, sent_at is not null as sent, failed_at is not null as failed, sealed, failure,
      extract(epoch from due_at - now())::float as pause
    from mails where recipient = ${recipient}`);
  return row;
}

async function untilIs(fits: (row: Row) => boolean, recipient: string, db: Pool = server.db): Promise<Row> {
  return await until(async () => {
    const row = await read(recipient, db);
    return row && fits(row) && row;
  });
}

const countTo = (recipient: string) => mailServer.taken.filter(({ to }) => to.includes(recipient)).length;

const wake = (recipient: string, db: Pool = server.db) =>
  db.query(sql`update mails set due_at = now(), failure = null where recipient = ${recipient}`);

describe('a mail', () => {
  it('is written with what it tells, or not at all', async () => {
    const recipient = stranger();
    const failing = server.db.transaction(async (tx) => {
      const outbox = createOutbox({ secrets: [testSecret], isOpen: true });
      await outbox.enqueue(tx, { kind: 'test', recipient, data: {} });
      throw new Error('the act failed');
    });
    await assert.rejects(failing, /the act failed/);
    assert.equal(await read(recipient), undefined);
  });

  it('is forgotten but for to whom, when and how, as soon as it is sent', async () => {
    const recipient = await write();
    const row = await untilIs(({ sent }) => sent, recipient);
    assert.deepEqual([row.sealed, row.attempts, row.failure], [null, 1, null]);
    assert.equal(countTo(recipient), 1);
  });

  it('waits while the mail server is away, with pauses that grow, and is sent when it is back', async () => {
    const { port } = mailServer;
    await mailServer.stop();
    const recipient = await write();
    const first = await untilIs(({ failure }) => failure !== null, recipient);
    assert.match(first.failure ?? '', /ECONNREFUSED/);
    await wake(recipient);
    const second = await untilIs(({ attempts, failure }) => attempts === 2 && failure !== null, recipient);
    assert.ok(second.pause > first.pause + 30, `${first.pause} then ${second.pause}`);
    mailServer = await startMailServer({ port });
    await wake(recipient);
    await untilIs(({ sent }) => sent, recipient);
    assert.equal(countTo(recipient), 1);
  });

  it('that is refused for now is tried again, and given up after three days', async () => {
    mailServer.answer = () => ({ code: 451, text: 'greylisted, come back later' });
    const recipient = await write();
    const waiting = await untilIs(({ failure }) => failure !== null, recipient);
    assert.match(waiting.failure ?? '', /451 greylisted/);
    assert.equal(waiting.failed, false);
    await server.db.query(
      sql`update mails set created_at = now() - interval '73 hours' where recipient = ${recipient}`,
    );
    await wake(recipient);
    const row = await untilIs(({ failed }) => failed, recipient);
    assert.equal(row.sealed, null);
    // It is logged after it is written.
    await until(() => server.logged().includes('a mail was given up'));
  });

  it('that is refused for good is not tried again, and the others go out', async () => {
    const refused = stranger();
    mailServer.answer = (to) => (to === refused ? { code: 550, text: '5.1.1 no such mailbox' } : undefined);
    await write(server.db, refused);
    const other = await write();
    const row = await untilIs(({ failed }) => failed, refused);
    assert.deepEqual([row.attempts, row.sealed], [1, null]);
    assert.match(row.failure ?? '', /550 5\.1\.1 no such mailbox/);
    await untilIs(({ sent }) => sent, other);
    await until(() => server.logged().includes('a mail was refused for good'));
    const env = { ...settings, DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret };
    const listed = await runCommand(['mail', 'list', '--state', 'failed'], { env });
    assert.match(listed.stdout, new RegExp(`invitation +${refused} +failed .*550 5\\.1\\.1 no such mailbox`));
    assert.ok(!listed.stdout.includes(other) && !listed.stdout.includes('pst_in_'));
    const json = await runCommand(['mail', 'list', '--json'], { env });
    assert.equal(JSON.parse(json.stdout).length, 2);
  });

  it('is sent once by any number of servers', async () => {
    const others = await Promise.all(
      [1, 2].map(() => startServer({ settings, databaseUrl: server.databaseUrl })),
    );
    const recipients = await Promise.all(Array.from({ length: 30 }, () => write()));
    for (const recipient of recipients) await untilIs(({ sent }) => sent, recipient);
    for (const other of others) await other.stop();
    assert.deepEqual(
      recipients.map(countTo),
      recipients.map(() => 1),
    );
  });

  it('is sent by another server where the first one dies in the middle, at most twice, as the same mail', async () => {
    const database = await openDatabase();
    const db = createPool({ url: database.url, log: testLog, max: 2 });
    mailServer.answer = () => 'stall';
    const first = await serve({
      ...settings,
      POSTERN_MODE: 'development',
      POSTERN_ISSUER: `http://localhost:${await findFreePort()}`,
      POSTERN_SECRET: testSecret,
      DATABASE_URL: database.url,
    });
    const recipient = await write(db);
    const claimed = await untilIs(({ attempts }) => attempts === 1, recipient, db);
    assert.ok(claimed.pause > 60, 'nobody else tries meanwhile');
    await first.end();
    mailServer.answer = undefined;
    const second = await startServer({ settings, databaseUrl: database.url });
    assert.equal(countTo(recipient), 0);
    await wake(recipient, db);
    await untilIs(({ sent }) => sent, recipient, db);
    assert.equal(countTo(recipient), 1);
    const [mail] = mailServer.taken.filter(({ to }) => to.includes(recipient));
    const [row] = await db.query<{ id: string }>(sql`select id from mails where recipient = ${recipient}`);
    assert.ok(row && mail?.headers.get('message-id')?.includes(row.id));
    await second.stop();
    await db.close();
    await database.drop();
  });

  it('that is just being sent when its server stops is left for the next one, and holds nothing up', async () => {
    mailServer.answer = (to) => (to.startsWith('quick') ? undefined : 'stall');
    const database = await openDatabase();
    const stopping = await startServer({ settings, databaseUrl: database.url });
    const recipient = await write(stopping.db);
    await untilIs(({ attempts }) => attempts === 1, recipient, stopping.db);
    const slow = await Promise.all([1, 2].map(() => write(stopping.db)));
    const quick = await write(stopping.db, `quick-${stranger()}`);
    await untilIs(({ sent }) => sent, quick, stopping.db);
    const held = await Promise.all([recipient, ...slow].map((each) => read(each, stopping.db)));
    assert.ok(held.every((each) => each?.failure === null));
    await stopping.stop();
    const db = createPool({ url: database.url, log: testLog, max: 1 });
    const row = await read(recipient, db);
    assert.deepEqual([row?.attempts, row?.sent, row?.failed], [0, false, false]);
    assert.ok(row && row.pause <= 0);
    await db.close();
    await database.drop();
  });

  it('is forgotten altogether after 30 days', async () => {
    const { sweepMails } = await import('../../src/mail/queue.ts');
    const recipient = await write();
    await untilIs(({ sent }) => sent, recipient);
    await sweepMails(server.db);
    assert.ok(await read(recipient));
    await server.db.query(
      sql`update mails set created_at = now() - interval '31 days' where recipient = ${recipient}`,
    );
    await sweepMails(server.db);
    assert.equal(await read(recipient), undefined);
  });
});

describe('the way to the mail server', () => {
  const message = {
    id: 'id',
    recipient: 'ada@example.com',
    subject: 'A test',
    text: 'text',
    html: '<p>text</p>',
  };
  const send = (smtpUrl: string) =>
    createSmtpTransport({ smtpUrl, from }, 'https://login.example.com')(
      message,
      new AbortController().signal,
    );
  const certificate = makeCertificate({
    alternatives: [alternative.dns('localhost'), alternative.ip(127, 0, 0, 2)],
  });
  const login: SMTPServerOptions = {
    authOptional: false,
    onAuth: ({ username, password }, _session, done) =>
      username === 'ada@mail' && password === 'p@ss:w/rd'
        ? done(null, { user: username })
        : done(new Error('no')),
  };
  const trusted = getCACertificates('default');
  after(() => setDefaultCACertificates(trusted));

  it('is encrypted, by STARTTLS or from the start, to a server whose certificate is good, with user and password', async () => {
    const { key, cert } = certificate;
    const servers = [
      await startMailServer({ host: '127.0.0.2', key, cert, ...login }),
      await startMailServer({ host: '127.0.0.2', key, cert, secure: true, ...login }),
    ] as const;
    const [starttls, secure] = servers;
    const urls = [
      `smtp://ada%40mail:p%40ss%3Aw%2Frd@127.0.0.2:${starttls.port}`,
      `smtps://ada%40mail:p%40ss%3Aw%2Frd@127.0.0.2:${secure.port}`,
    ];
    for (const url of urls) {
      const { outcome } = await send(url);
      assert.equal(outcome, 'deferred', 'nobody vouches for this certificate');
    }
    setDefaultCACertificates([...trusted, cert]);
    for (const url of urls) assert.deepEqual(await send(url), { outcome: 'sent' });
    for (const { taken } of servers)
      assert.deepEqual(
        taken.map(({ isSecure, user }) => [isSecure, user]),
        [[true, 'ada@mail']],
      );
    for (const each of servers) await each.stop();
  });

  it('is not taken where a server elsewhere offers no encryption', async () => {
    const plain = await startMailServer({ host: '127.0.0.2' });
    const sending = await send(`smtp://127.0.0.2:${plain.port}`);
    assert.deepEqual(
      [sending.outcome, 'isServerAway' in sending && sending.isServerAway],
      ['deferred', true],
    );
    assert.equal(plain.taken.length, 0);
    await plain.stop();
  });

  it('with a wrong password is an operator’s to mend: the mail waits, and nothing tells the password', async () => {
    const near = await startMailServer({ ...login, allowInsecureAuth: true });
    const sending = await send(`smtp://ada%40mail:hunter2hunter2@127.0.0.1:${near.port}`);
    assert.equal(sending.outcome, 'deferred');
    assert.doesNotMatch(JSON.stringify(sending), /hunter2|aHVudGVyMg/);
    await near.stop();
  });
});

describe('postern mail test', () => {
  it('sends a mail at once, or says what the mail server has said', async () => {
    const env = { ...settings, DATABASE_URL: server.databaseUrl };
    const sent = await runCommand(['mail', 'test', '--to', 'operator@example.com'], { env });
    assert.equal(sent.exitCode, 0, sent.stderr);
    assert.equal(countTo('operator@example.com'), 1);
    mailServer.answer = () => ({ code: 550, text: 'relaying denied' });
    const refused = await runCommand(['mail', 'test', '--to', 'operator@example.com'], { env });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /^postern: It was not sent: 550 relaying denied\n$/);
    const without = await runCommand(['mail', 'test', '--to', 'x@example.com'], {
      env: { DATABASE_URL: server.databaseUrl },
    });
    assert.equal(without.exitCode, 78);
    assert.match(without.stderr, /POSTERN_SMTP_URL/);
  });
});
