import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { untilRecorded } from '../support/audit.ts';
import { type Employee, hire } from '../support/company.ts';
import { createPerson, type Page, type Person } from '../support/person.ts';
import { type App, forgetUsedCode, setUpApp } from '../support/second-factor.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let careful: Employee & { app: App };
before(async () => {
  server = await startServer({
    settings: { POSTERN_API_RATE_LIMIT: '10000', POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' },
  });
  const employee = await hire(server);
  careful = { ...employee, app: await setUpApp(server, employee) };
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

const serverChain = '00000000-0000-0000-0000-000000000000';

/** Somebody who knows the password, at an address of their own. */
async function knowPassword(address = '192.0.2.7'): Promise<Person> {
  const person = createPerson(server.issuer, { 'x-forwarded-for': address });
  const page = await person.signIn(careful.account);
  assert.equal(page.url, `${server.issuer}/sign-in/second-factor`);
  return person;
}

const tryCode = (person: Person, code: string): Promise<Page> =>
  person.submit('/sign-in/second-factor', { code });

const isIn = ({ url }: Page) => url === `${server.issuer}/account`;

/** A code that is certainly wrong: none that the app shows about now. */
function wrongCode(): string {
  const shown = [-2, -1, 0, 1, 2].map(careful.app.code);
  return (
    ['000000', '000001', '000002', '000003', '000004', '000005'].find((code) => !shown.includes(code)) ?? ''
  );
}

describe('a one-time code', () => {
  it('is good once (RFC 6238 section 5.2), for ten who send it at the same time too', async () => {
    await forgetUsedCode(server, careful.id);
    const people = await Promise.all(
      Array.from({ length: 10 }, (_, index) => knowPassword(`192.0.2.${index}`)),
    );
    const code = careful.app.code();
    const pages = await Promise.all(people.map((person) => tryCode(person, code)));
    assert.equal(pages.filter(isIn).length, 1);
    assert.equal((await tryCode(await knowPassword(), code)).status, 400);
  });

  it('is good no more once a later one was used', async () => {
    await forgetUsedCode(server, careful.id);
    assert.ok(isIn(await tryCode(await knowPassword(), careful.app.code())));
    const person = await knowPassword();
    const earlier = await tryCode(person, careful.app.code(1));
    assert.deepEqual([earlier.status, /This code does not work/.test(earlier.html)], [400, true]);
  });

  it('of two steps ago is wrong', async () => {
    await forgetUsedCode(server, careful.id);
    assert.equal((await tryCode(await knowPassword(), careful.app.code(3))).status, 400);
  });

  it('cannot be guessed: ten tries from one address, fifty a day from all of them', async () => {
    const person = await knowPassword();
    for (let count = 0; count < 10; count += 1)
      assert.equal((await tryCode(person, wrongCode())).status, 400);
    await forgetUsedCode(server, careful.id);
    const limited = await tryCode(person, careful.app.code());
    assert.equal(limited.status, 429);
    assert.match(limited.html, /Too many tries/);
    assert.equal(person.cookies.has('postern-session'), false);
    for (let neighbour = 1; neighbour < 5; neighbour += 1) {
      const other = await knowPassword(`198.51.100.${neighbour}`);
      for (let count = 0; count < 10; count += 1) await tryCode(other, wrongCode());
    }
    assert.equal((await tryCode(await knowPassword('203.0.113.1'), careful.app.code())).status, 429);
    const [event] = await untilRecorded(server.db, serverChain, { action: 'second_factor.limited' });
    assert.equal(event?.targetName, careful.account.email);
    const [failed] = await untilRecorded(server.db, serverChain, { action: 'second_factor.failed' });
    assert.equal(failed?.outcome, 'refused');
  });

  it('that strangers guess at locks out neither a browser that is known nor a recovery code', async () => {
    const known = createPerson(server.issuer);
    await forgetUsedCode(server, careful.id);
    await known.signIn(careful.account);
    assert.ok(isIn(await tryCode(known, careful.app.code())));
    await known.submit('/sign-out', {});
    for (let neighbour = 1; neighbour < 6; neighbour += 1) {
      const other = await knowPassword(`198.51.100.${neighbour}`);
      for (let count = 0; count < 10; count += 1) await tryCode(other, wrongCode());
    }
    await forgetUsedCode(server, careful.id);
    await known.signIn(careful.account);
    assert.ok(isIn(await tryCode(known, careful.app.code())));
    const [code = ''] = careful.app.recoveryCodes.splice(0, 1);
    assert.ok(isIn(await tryCode(await knowPassword('203.0.113.2'), code)));
  });

  it('of somebody else is wrong', async () => {
    const other = await hire(server);
    const app = await setUpApp(server, other);
    assert.equal((await tryCode(await knowPassword(), app.code())).status, 400);
    const [code = ''] = app.recoveryCodes;
    assert.equal((await tryCode(await knowPassword(), code)).status, 400);
  });
});

describe('a recovery code', () => {
  it('is good once, for ten who send it at the same time too, and its use is written down', async () => {
    const [code = ''] = careful.app.recoveryCodes.splice(0, 1);
    const people = await Promise.all(
      Array.from({ length: 10 }, (_, index) => knowPassword(`192.0.2.${index}`)),
    );
    const pages = await Promise.all(people.map((person) => tryCode(person, code)));
    assert.equal(pages.filter(isIn).length, 1);
    const [event] = await untilRecorded(server.db, serverChain, { action: 'recovery_code.used' });
    assert.equal(event?.actorName, careful.account.email);
  });

  it('is in the database as a digest only, and so is no secret of an app', async () => {
    const [code = ''] = careful.app.recoveryCodes;
    const rows = await server.db.query<{ text: string }>(sql`
      select recovery_codes::text as text from recovery_codes
      union all select totp_secrets::text from totp_secrets
      union all select encode(sealed, 'escape') from totp_secrets`);
    const dump = rows.map(({ text }) => text).join('\n');
    assert.ok(dump.length > 0);
    assert.ok(!dump.includes(code) && !dump.includes(code.replaceAll('-', '')));
    assert.ok(!server.logged().includes(code));
  });
});
