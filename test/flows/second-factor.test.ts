import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { poll, requestDevice } from '../support/client.ts';
import { type Employee, hire } from '../support/company.ts';
import { letDeviceInBy } from '../support/device-login.ts';
import { createPerson, hiddenField, type Page, type Person } from '../support/person.ts';
import {
  type App,
  addPasskeyOf,
  ageSessions,
  codeOf,
  forgetUsedCode,
  passkeyOffer,
  setUpApp,
} from '../support/second-factor.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let issuer: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  issuer = server.issuer;
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

type Careful = Employee & { app: App };

async function hireCareful(): Promise<Careful> {
  const employee = await hire(server);
  return { ...employee, app: await setUpApp(server, employee) };
}

/** How the newest session of somebody was begun. */
async function newestSession(userId: string): Promise<{ amr: string[]; second_factor_at: Date | null }> {
  const [row] = await server.db.query<{ amr: string[]; second_factor_at: Date | null }>(
    sql`select amr, second_factor_at from sessions where user_id = ${userId}::uuid order by created_at desc limit 1`,
  );
  assert.ok(row);
  return row;
}

/** Sends what the script of a page sends when a passkey has answered. */
function answer(person: Person, page: Page, path: string, credential: object): Promise<Page> {
  return person.send(path, {
    csrf: hiddenField(page, 'csrf'),
    ceremony: passkeyOffer(page).ceremony,
    credential: JSON.stringify(credential),
  });
}

describe('a password of who has a second factor', () => {
  it('begins no session before a code from the app', async () => {
    const { id, account, app } = await hireCareful();
    const person = createPerson(issuer);
    const page = await person.signIn(account);
    assert.equal(page.url, `${issuer}/sign-in/second-factor`);
    assert.match(page.html, /One more step/);
    assert.equal(person.cookies.has('postern-session'), false);
    assert.equal((await person.open('/account')).url, `${issuer}/sign-in`);

    await person.open('/sign-in/second-factor');
    const next = await person.submit('/sign-in/second-factor', { code: app.code() });
    assert.equal(next.url, `${issuer}/account`);
    const { amr, second_factor_at } = await newestSession(id);
    assert.deepEqual(amr, ['pwd', 'otp', 'mfa']);
    assert.ok(second_factor_at);
  });

  it('is followed by a recovery code in any spelling where the app is lost', async () => {
    const { account, app } = await hireCareful();
    assert.equal(app.recoveryCodes.length, 10);
    const [first = '', second = ''] = app.recoveryCodes;
    for (const code of [first, second.toUpperCase().replaceAll('-', ' ')]) {
      const person = createPerson(issuer);
      await person.signIn(account);
      assert.equal((await person.submit('/sign-in/second-factor', { code })).url, `${issuer}/account`);
    }
  });

  it('is followed by a passkey where that is the second factor', async () => {
    const employee = await hire(server);
    const { authenticator } = await addPasskeyOf(server, employee);
    const person = createPerson(issuer);
    const page = await person.signIn(employee.account);
    const { options } = passkeyOffer(page);
    const next = await answer(person, page, '/sign-in/second-factor', authenticator.get(options));
    assert.equal(next.url, `${issuer}/account`);
    assert.deepEqual((await newestSession(employee.id)).amr, ['pwd', 'pop', 'user', 'mfa']);
  });

  it('keeps the device waiting that the sign-in is for', async () => {
    const { account, app } = await hireCareful();
    const { body: device } = await requestDevice(issuer);
    const person = createPerson(issuer);
    await person.enterCode(device.user_code, account);
    const page = await person.submit('/sign-in/second-factor', { code: app.code() });
    assert.equal(page.url, `${issuer}/device/confirm`);
    await person.decide('allow');
    assert.equal((await poll(issuer, device.device_code)).status, 200);
  });

  it('asks for what is missing without counting it as a try', async () => {
    const { account } = await hireCareful();
    const person = createPerson(issuer);
    await person.signIn(account);
    const page = await person.submit('/sign-in/second-factor', { code: ' ' });
    assert.deepEqual([page.status, /Fill in what is asked for/.test(page.html)], [400, true]);
    const counted = await server.db.query(sql`select from rate_limits where key like 'second_factor%'`);
    assert.equal(counted.length, 0);
  });
});

describe('a passkey', () => {
  it('signs in without a password, as two factors', async () => {
    const employee = await hire(server);
    const { authenticator } = await addPasskeyOf(server, employee);
    const person = createPerson(issuer);
    const page = await person.open('/sign-in');
    const next = await answer(
      person,
      page,
      '/sign-in/passkey',
      authenticator.get(passkeyOffer(page).options),
    );
    assert.equal(next.url, `${issuer}/account`);
    const { amr, second_factor_at } = await newestSession(employee.id);
    assert.deepEqual(amr, ['pop', 'user', 'mfa']);
    assert.ok(second_factor_at);
  });

  it('comes with recovery codes, the first one only', async () => {
    const employee = await hire(server);
    assert.equal((await addPasskeyOf(server, employee)).recoveryCodes.length, 10);
    assert.equal((await addPasskeyOf(server, employee)).recoveryCodes.length, 0);
  });

  it('is offered where browsers have any: to a name over https, or to localhost', async () => {
    const byAddress = await startServer({
      databaseUrl: server.databaseUrl,
      settings: { POSTERN_ISSUER: 'https://192.0.2.1', POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' },
    });
    try {
      const person = createPerson(byAddress.url);
      assert.doesNotMatch((await person.open('/sign-in')).html, /passkey/i);
      assert.match((await createPerson(issuer).open('/sign-in')).html, /Use a passkey/);
    } finally {
      await byAddress.stop();
    }
  });
});

describe('the page about security', () => {
  it('sets up an app, shows the recovery codes once, and takes the app away again', async () => {
    const { account, person, id } = await hire(server);
    const page = await person.open('/account/security/totp');
    const secret = /<code class="secret">([A-Z2-7 ]+)</.exec(page.html)?.[1]?.replaceAll(' ', '') ?? '';
    const wrong = await person.submit('/account/security/totp', { code: '000000' });
    assert.deepEqual([wrong.status, /This code does not fit/.test(wrong.html)], [400, true]);
    const [picture = 'no QR code'] = /<svg class="qr".*?<\/svg>/s.exec(page.html) ?? [];
    assert.ok(wrong.html.includes(picture), 'the secret that the app has scanned is still the one');
    const codes = await person.submit('/account/security/totp', { code: codeOf(secret) });
    assert.equal(codes.html.match(/<li><code>/g)?.length, 10);
    await forgetUsedCode(server, id);

    const other = createPerson(issuer);
    await other.signIn(account);
    assert.equal(
      (await other.submit('/sign-in/second-factor', { code: codeOf(secret) })).url,
      `${issuer}/account`,
    );
    const shown = await person.open('/account/security');
    assert.match(shown.html, /10 are left/);
    assert.doesNotMatch(shown.html, new RegExp(secret));
    const without = await person.submit('/account/security/totp/remove', {});
    assert.doesNotMatch(without.html, /Recovery codes/);
    assert.equal((await createPerson(issuer).signIn(account)).url, `${issuer}/account`);
  });

  it('makes new recovery codes, after which those before are worth nothing', async () => {
    const { person, account, app } = await hireCareful();
    await person.open('/account/security');
    const page = await person.submit('/account/security/recovery-codes', {});
    const made = [...page.html.matchAll(/<li><code>([^<]+)</g)].map(([, code]) => code ?? '');
    assert.equal(made.length, 10);
    const other = createPerson(issuer);
    await other.signIn(account);
    const [old = ''] = app.recoveryCodes;
    assert.equal((await other.submit('/sign-in/second-factor', { code: old })).status, 400);
    assert.equal(
      (await other.submit('/sign-in/second-factor', { code: made[0] ?? '' })).url,
      `${issuer}/account`,
    );
  });

  it('renames a passkey and removes it', async () => {
    const employee = await hire(server);
    const { id } = await addPasskeyOf(server, employee);
    const { person } = employee;
    await person.open('/account/security');
    const renamed = await person.submit('/account/security/passkeys/rename', { id, name: 'Old <laptop>' });
    assert.match(renamed.html, /Old &#60;laptop&#62;/);
    const removed = await person.submit('/account/security/passkeys/remove', {});
    assert.doesNotMatch(removed.html, /laptop&#62;/);
    assert.equal((await createPerson(issuer).signIn(employee.account)).url, `${issuer}/account`);
  });

  it('lists where its person is signed in, and signs out one or all others', async () => {
    const { account, person } = await hire(server);
    const others = [createPerson(issuer), createPerson(issuer), createPerson(issuer)];
    for (const other of others) await other.signIn(account);
    const page = await person.open('/account/security');
    assert.equal(page.html.match(/This browser/g)?.length, 1);
    assert.match(page.html, /Sign out everywhere else \(3\)/);
    const two = await person.submit('/account/security/sessions/end', {});
    assert.match(two.html, /Sign out everywhere else \(2\)/);
    const none = await person.submit('/account/security/sessions/end-others', {});
    assert.doesNotMatch(none.html, /Sign out everywhere else/);
    for (const other of others) assert.equal((await other.open('/account')).url, `${issuer}/sign-in`);
  });

  it('changes the password, and says what speaks against one, keeping what was ticked', async () => {
    const { account, person } = await hire(server);
    await letDeviceInBy(person, issuer);
    const next = 'nine purple kites over the harbour';
    const change = (fields: Record<string, string>) =>
      person.submit('/account/security/password', {
        present_password: account.password,
        password: next,
        password_again: next,
        ...fields,
      });
    await person.open('/account/security');
    const endsTokens = /name="ends_tokens" value="yes" checked>/;
    const refusals: [Record<string, string>, RegExp][] = [
      [{ present_password: 'not my password at all' }, /The present password is not right/],
      [{ password_again: 'something else entirely' }, /are not the same/],
      [{ password: 'short', password_again: 'short' }, /at least 15 characters/],
    ];
    for (const [fields, sentence] of refusals) {
      const page = await change(fields);
      assert.equal(page.status, 400);
      assert.match(page.html, sentence);
      assert.doesNotMatch(page.html, endsTokens);
      assert.match((await change({ ...fields, ends_tokens: 'yes' })).html, endsTokens);
    }
    assert.match((await change({})).html, /Your password is changed/);
    assert.equal((await createPerson(issuer).signIn(account)).status, 400);
    const changed = { ...account, password: next };
    assert.equal((await createPerson(issuer).signIn(changed)).url, `${issuer}/account`);
  });
});

describe('somebody who signed in a while ago', () => {
  it('gives the password again before they change how they sign in, and goes on where they were', async () => {
    const { id, account, person } = await hire(server);
    await ageSessions(server, id);
    const asked = await person.open('/account/security/totp');
    assert.equal(asked.url, `${issuer}/step-up`);
    assert.match(asked.html, /Is it still you\?/);
    const wrong = await person.submit('/step-up', { password: 'not my password at all' });
    assert.deepEqual([wrong.status, /This is not your password/.test(wrong.html)], [400, true]);
    const next = await person.submit('/step-up', { password: account.password });
    assert.equal(next.url, `${issuer}/account/security/totp`);
    assert.match(next.html, /Set up an authenticator app/);
  });

  it('gives the second factor too, if they have one', async () => {
    const { id, account, person, app } = await hireCareful();
    await ageSessions(server, id);
    assert.equal((await person.open('/account/security/totp')).url, `${issuer}/step-up`);
    const only = await person.submit('/step-up', { password: account.password });
    assert.deepEqual([only.status, /Fill in/.test(only.html)], [400, true]);
    const next = await person.submit('/step-up', { password: account.password, code: app.code() });
    assert.equal(next.url, `${issuer}/account/security/totp`);
    const { second_factor_at } = await newestSession(id);
    assert.ok(second_factor_at);
  });

  it('proves both at once with a passkey', async () => {
    const employee = await hire(server);
    const { authenticator } = await addPasskeyOf(server, employee);
    await ageSessions(server, employee.id);
    const { person } = employee;
    const page = await person.open('/account/security/passkey');
    assert.equal(page.url, `${issuer}/step-up`);
    const next = await answer(person, page, '/step-up', authenticator.get(passkeyOffer(page).options));
    assert.equal(next.url, `${issuer}/account/security/passkey`);
  });

  it('meets what went wrong first, where the page has a passkey alone and no field', async () => {
    const employee = await hire(server);
    const { authenticator } = await addPasskeyOf(server, employee);
    await server.db.query(sql`delete from recovery_codes where user_id = ${employee.id}::uuid`);
    await ageSessions(server, employee.id);
    const { person } = employee;
    const page = await person.open('/account/security/passkey');
    const other = authenticator.get({ ...passkeyOffer(page).options, challenge: 'b3RoZXI' });
    const refused = await answer(person, page, '/step-up', other);
    assert.equal(refused.status, 400);
    assert.doesNotMatch(refused.html, /<input id=/);
    assert.match(refused.html, /<p class="error" id="code-error" tabindex="-1" autofocus>/);
  });

  it('is told how to get a second factor where there is nothing left to prove', async () => {
    const { person } = await hire(server);
    const page = await person.open('/step-up');
    assert.match(page.html, /A second factor is needed/);
    assert.match(page.html, /href="\/account\/security"/);
  });
});
