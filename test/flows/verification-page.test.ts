import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { demoCli } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { poll, post, requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson, hiddenField, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' } });
  await addAccount(server.db, ada);
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

const firefoxOnLinux = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** Somebody at an address with a browser. */
const at = (address: string, userAgent = firefoxOnLinux) =>
  createPerson(server.issuer, { 'x-forwarded-for': address, 'user-agent': userAgent });

/** A device at an address asks; `userAgent` is what it says it is. */
async function askFrom(address: string, userAgent: string, form: Record<string, string> = {}) {
  const { body } = await post(
    `${server.issuer}/oauth/device_authorization`,
    { client_id: demoCli.id, scope: 'read offline_access', ...form },
    { headers: { 'x-forwarded-for': address, 'user-agent': userAgent } },
  );
  return body as { user_code: string; device_code: string };
}

/** What the approval page says, as text. */
function words(html: string): string {
  const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
  return main
    .replace(/<[^>]+>/g, ' ')
    .replaceAll(/[\s\u00a0]+/g, ' ')
    .replaceAll('&#39;', "'");
}

async function signedIn(): Promise<Person> {
  const person = createPerson(server.issuer);
  await person.signIn(ada);
  return person;
}

describe('the page for the code', () => {
  it('takes a code in any case, with or without dash or spaces', async () => {
    const person = await signedIn();
    const spellings: ((code: string) => string)[] = [
      (code) => code,
      (code) => code.toLowerCase(),
      (code) => code.replace('-', ''),
      (code) => code.replace('-', ' '),
      (code) => code.replace('-', '–'),
      (code) => `  ${code.toLowerCase().replace('-', ' - ')} `,
      (code) => [...code].join(' '),
    ];
    for (const spell of spellings) {
      const { user_code } = (await requestDevice(server.issuer)).body;
      const page = await person.enterCode(spell(user_code));
      assert.equal(page.url, `${server.issuer}/device/confirm`, spell(user_code));
      assert.ok(page.html.includes(user_code));
    }
  });

  it('shows the code of a link to be compared and asks to continue', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const page = await createPerson(server.issuer).open(
      device.verification_uri_complete.slice(server.issuer.length),
    );
    assert.ok(page.html.includes(`name="user_code" value="${device.user_code}"`));
    assert.match(page.html, /<button>Continue<\/button>/);
  });

  it('asks for a code where none was typed, and counts nothing', async () => {
    const person = await signedIn();
    for (const user_code of ['', '   ']) {
      await person.open('/device');
      const page = await person.submit('/device', { user_code });
      assert.equal(page.status, 400);
      assert.match(page.html, /Enter the code that your device shows/);
    }
    assert.deepEqual(await server.db.query(sql`select from rate_limits where key like 'user_code%'`), []);
  });

  it('answers to a wrong, an expired and a used code that it does not work', async () => {
    const expired = (await requestDevice(server.issuer)).body;
    await server.db.query(sql`
      update device_codes set created_at = now() - interval '1 hour', expires_at = now() - interval '1 second'`);
    const used = (await requestDevice(server.issuer)).body;
    const person = await signedIn();
    await person.enterCode(used.user_code);
    await person.decide('allow');
    for (const user_code of ['BCDF-GHJK', expired.user_code, used.user_code]) {
      const page = await person.enterCode(user_code);
      assert.equal(page.status, 400);
      assert.match(page.html, /This code does not work/);
    }
  });

  it('says so too when the code stopped working during the sign-in', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.open('/device');
    await person.submit('/device', { user_code: device.user_code });
    await server.db.query(
      sql`update device_codes set expires_at = now() - interval '1 second' where expires_at > now()`,
    );
    const page = await person.submit('/sign-in', ada);
    assert.equal(page.status, 400);
    assert.match(page.html, /This code does not work/);
    assert.match(page.html, /Signed in as/);
  });
});

describe('the approval page', () => {
  it('names client, code, scopes in words, API and lifetime', async () => {
    const { user_code } = await askFrom('192.0.2.1', 'postern/0.1.0 (linux)');
    const page = words((await at('192.0.2.1').enterCode(user_code, ada)).html);
    assert.match(page, /Allow Demo CLI to use your account\? Publisher not verified/);
    assert.match(page, new RegExp(`Compare the code ${user_code} Your device must show this same code`));
    assert.match(
      page,
      /What it may do See your data read Stay signed in without asking you again offline_access/,
    );
    assert.match(
      page,
      /Where Example API https:\/\/api\.example\.com How long Until you sign it out, at most 1 year/,
    );
    assert.doesNotMatch(page, /Change your data/);
  });

  it('shows address, system and time of the device beside the own, without alarm where they agree', async () => {
    const { user_code } = await askFrom('192.0.2.1', 'postern/0.1.0 (linux)');
    const page = words((await at('192.0.2.1').enterCode(user_code, ada)).html);
    assert.match(
      page,
      /The device You, now Address 192\.0\.2\.1 192\.0\.2\.1 System Linux Linux Program 0\.1\.0 Firefox \d+ Time \d\d:\d\d UTC/,
    );
    assert.doesNotMatch(page, /The device (asks|asked|runs|does)/);
  });

  it('calls out another address, another system and a request of some minutes ago', async () => {
    const { user_code } = await askFrom('198.51.100.7', 'postern/0.1.0 (win32)');
    await server.db.query(
      sql`update device_codes set created_at = now() - interval '8 minutes' where expires_at > now()`,
    );
    const page = words((await at('192.0.2.1').enterCode(user_code, ada)).html);
    assert.match(page, /The device asks from another address than yours\./);
    assert.match(page, /The device runs another system than yours\./);
    assert.match(page, /The device asked 8 minutes ago\./);
    assert.match(page, /Address 198\.51\.100\.7 192\.0\.2\.1 System Windows Linux/);
  });

  it('says when a device does not tell its system', async () => {
    const { user_code } = await askFrom('192.0.2.1', 'curl/8.14.1');
    const page = words((await at('192.0.2.1').enterCode(user_code, ada)).html);
    assert.match(page, /The device does not say which system it runs\./);
  });

  it('makes to deny as easy as to allow: one form, one button each, and Enter denies', async () => {
    const { user_code } = await askFrom('192.0.2.1', 'postern/0.1.0 (linux)');
    const { html } = await at('192.0.2.1').enterCode(user_code, ada);
    const [form = ''] = /action="\/device\/confirm"[\s\S]*?<\/form>/.exec(html) ?? [];
    const buttons = [...form.matchAll(/<button[^>]*value="(\w+)"[^>]*>(\w+)</g)].map(([, value, label]) => [
      value,
      label,
    ]);
    assert.deepEqual(buttons, [
      ['deny', 'Deny'],
      ['allow', 'Allow'],
    ]);
  });

  it('belongs to who is in the middle of a login: others are sent to the code', async () => {
    assert.equal((await createPerson(server.issuer).open('/device/confirm')).url, `${server.issuer}/device`);
    assert.equal((await createPerson(server.issuer).open('/device/done')).url, `${server.issuer}/device`);
    assert.equal((await (await signedIn()).open('/device/confirm')).url, `${server.issuer}/device`);
  });

  it('takes a decision of one of three words', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    const page = await person.enterCode(device.user_code, ada);
    const fields = { csrf: hiddenField(page, 'csrf'), ticket: hiddenField(page, 'ticket') };
    for (const decision of ['yes', 'Allow', '']) {
      assert.equal((await person.send('/device/confirm', { ...fields, decision })).status, 400, decision);
    }
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'authorization_pending');
  });
});

describe('a decision', () => {
  it('ends on a page that says what happened and can be loaded again', async () => {
    const person = await signedIn();
    for (const [decision, heading] of [
      ['allow', 'Your device is connected'],
      ['deny', 'You denied it'],
    ] as const) {
      await person.enterCode((await requestDevice(server.issuer)).body.user_code);
      const page = await person.decide(decision);
      assert.equal(page.url, `${server.issuer}/device/done`);
      for (const { html } of [page, await person.open('/device/done')]) {
        assert.match(html, new RegExp(`<h1>${heading}</h1>`));
        assert.match(html, /<bdi>Demo CLI<\/bdi>/);
      }
    }
  });

  it('that comes too late says that the code has ended', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code, ada);
    await server.db.query(
      sql`update device_codes set expires_at = now() - interval '1 second' where expires_at > now()`,
    );
    assert.match((await person.decide('allow')).html, /<h1>This code has ended<\/h1>/);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'expired_token');
  });

  it('counts once: a second one says that the code was used, and changes nothing', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    const page = await person.enterCode(device.user_code, ada);
    const fields = { csrf: hiddenField(page, 'csrf'), ticket: hiddenField(page, 'ticket') };
    await person.decide('deny');
    const late = await person.send('/device/confirm', { ...fields, decision: 'allow' });
    assert.match(late.html, /<h1>This code was already used<\/h1>/);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'access_denied');
  });

  it('of two at once counts once', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    const page = await person.enterCode(device.user_code, ada);
    const fields = { csrf: hiddenField(page, 'csrf'), ticket: hiddenField(page, 'ticket') };
    await Promise.all(
      ['allow', 'deny'].map((decision) => person.send('/device/confirm', { ...fields, decision })),
    );
    const [row] = await server.db.query<{ grants: number }>(sql`
      select count(*)::int as grants from device_codes
      where digest = sha256(${device.device_code}::bytea) and (grant_id is null) = (payload->>'error' is not null)`);
    assert.equal(row?.grants, 1);
  });
});

describe('an issuer with a path of its own', () => {
  it('has its pages below it', async () => {
    const below = await startServer({ path: '/auth/eu' });
    try {
      const { body: device } = await requestDevice(below.issuer);
      assert.equal(device.verification_uri, `${below.issuer}/device`);
      const person = createPerson(below.issuer);
      await person.open('/device');
      assert.match((await person.open('')).html, /href="\/auth\/eu\/assets\/favicon\.svg"/);
      const confirmation = await person.enterCode(device.user_code);
      assert.equal(confirmation.url, `${below.issuer}/device/confirm`);
      assert.match((await person.decide('allow')).html, /Your device is connected/);
      assert.equal((await poll(below.issuer, device.device_code)).status, 200);
      assert.equal((await person.submit('/sign-out', {})).url, `${below.issuer}/signed-out`);
      assert.equal((await createPerson(new URL(below.issuer).origin).open('/device')).status, 404);
    } finally {
      await below.stop();
    }
  });
});

describe('the paths of the pages', () => {
  it('lead to files that are there, and to pages that can be opened', async () => {
    const { html } = await createPerson(server.issuer).open('/');
    const places = [...html.matchAll(/ href="(\/[^"]*)"/g)].map(([, place]) => place ?? '');
    assert.deepEqual(places, [
      '/assets/favicon.svg',
      '/',
      '/device',
      '/.well-known/oauth-authorization-server',
      '/api/docs',
    ]);
    for (const place of places) assert.equal((await fetch(server.issuer + place)).status, 200, place);
  });

  it('answer a method that they do not have with 405 and Allow, and unknown ones with 404, as pages', async () => {
    for (const [method, path, status, allow] of [
      ['PUT', '/device', 405, 'GET, HEAD, POST, OPTIONS'],
      ['GET', '/sign-out', 405, 'POST, OPTIONS'],
      ['POST', '/signed-out', 405, 'GET, HEAD, OPTIONS'],
      ['GET', '/device/ABCD', 404, null],
    ] as const) {
      const answer = await fetch(server.issuer + path, { method, headers: { accept: 'text/html' } });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [status, allow], `${method} ${path}`);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
      assert.ok((await answer.text()).includes(answer.headers.get('x-request-id') ?? 'no request id'));
    }
  });
});
