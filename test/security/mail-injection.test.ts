import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createSmtpTransport } from '../../src/mail/smtp.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createWriter } from '../../views/mail/templates.ts';
import { foundCompany } from '../support/company.ts';
import { type MailServer, startMailServer } from '../support/mail.ts';
import { startServer, type TestServer } from '../support/server.ts';

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
after(async () => {
  await server.stop();
  await mailServer.stop();
});

const hostile = [
  'Harbour\r\nBcc: everybody@example.com\r\n\r\nBuy this',
  'Harbour\nContent-Type: text/html\n\n<b>Buy this</b>',
  'Harbour\u2028Bcc: everybody@example.com\u0085\u000b\u0000',
  '<img src=https://evil.example/pixel.png><script>alert(1)</script>',
  '"><a href="https://evil.example">Click</a>',
  '=?utf-8?Q?Harbour=0D=0ABcc:_everybody=40example.com?=',
  'Harbour\u202egnp.exe',
];

describe('a name in a mail', () => {
  it('is a name and nothing else, whatever it is made of', async () => {
    const shapes = new Set<string>();
    for (const name of ['Plain', ...hostile]) {
      const { administrator, id } = await foundCompany(server);
      await server.db.query(
        sql`update organizations set name = ${name.replaceAll('\0', '')} where id = ${id}::uuid`,
      );
      const email = `${crypto.randomUUID()}@example.com`;
      await administrator.call('POST', '/invitations', { email });
      const mail = await mailServer.next(({ to }) => to.includes(email));
      assert.deepEqual(mail.to, [email]);
      assert.match(mail.headers.get('subject') ?? '', /^You are invited to [^\r\n]+$/);
      assert.match(mail.text, /\S+ invites you to join [^\n]+\.\n\nLook at the invitation:\n/);
      assert.doesNotMatch(mail.text + mail.html, /\u202e|https:\/\/evil/);
      const tags = mail.html.replace(/"[^"]*"/g, '""').replace(/>[^<]*</g, '><');
      shapes.add(`${[...mail.headers.keys()].join()} ${tags}`);
    }
    assert.equal(shapes.size, 1, [...shapes].join('\n'));
  });

  it('makes no link of its own', () => {
    const write = createWriter('https://login.example.com', 'Postern');
    const link = 'https://login.example.com/join#pst_in_x';
    const name = 'You have won! https://evil.example/x www.evil.example a@evil.example';
    const data = {
      organization: name,
      inviter: `http://evil.example/@x`,
      link,
      expiresAt: '2030-01-01T00:00:00Z',
    };
    const { subject, text, html } = write('invitation', data, undefined);
    for (const part of [subject, text, html]) assert.doesNotMatch(part, /evil\.example|:\/\/evil|a@evil/);
    assert.deepEqual(html.match(/href="[^"]*"/g), [`href="${link}"`]);
  });
});

describe('an address', () => {
  const send = (recipient: string) =>
    createSmtpTransport(
      { smtpUrl: `smtp://127.0.0.1:${mailServer.port}`, from: 'postern@example.com' },
      'https://login.example.com',
    )({ id: 'id', recipient, subject: 'x', text: 'x', html: 'x' }, new AbortController().signal);

  it('that could be read as another, or as several, gets no mail', async () => {
    for (const recipient of [
      'ada@example.com,eve@example.com',
      'eve@example.com;ada@example.com',
      '<eve@example.com>@x',
      'ada,eve@example.com',
      '"eve@evil.example"@example.com',
      'eve@example.com>\r\nRCPT TO:<other@example.com',
      'a(comment)@example.com',
      '@evil.example:ada@example.com',
      'ada@example.com SIZE=1',
      `${'a'.repeat(65)}@example.com`,
    ]) {
      const before = mailServer.taken.length;
      assert.equal((await send(recipient)).outcome, 'refused', recipient);
      assert.equal(mailServer.taken.length, before, recipient);
    }
    assert.deepEqual(await send("o'hara+news@example.com"), { outcome: 'sent' });
  });
});
