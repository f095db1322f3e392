import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { policies } from '../../src/limits/policy.ts';
import { sql } from '../../src/postgres/sql.ts';
import { hashPassword } from '../../src/users/password.ts';
import { addUser, disableUser, enableUser, findUserByEmail } from '../../src/users/user.ts';
import { poll, requestDevice } from '../support/client.ts';
import { createPerson, type Page } from '../support/person.ts';
import { startServer } from '../support/server.ts';

const server = await startServer();
after(() => server.stop());
const { issuer, db } = server;
beforeEach(() => db.query(sql`delete from rate_limits`));

const other = { email: 'bob@example.com', password: 'purple otters climb 7 ladders' };
await addUser(db, { email: other.email, passwordHash: await hashPassword(other.password) });

const askedCode = async (): Promise<{ user_code: string; device_code: string }> =>
  (await requestDevice(issuer)).body;
const mainOf = ({ status, html }: Page) =>
  `${status}${html.replace(/name="csrf" value="[^"]*"/g, '').replace(/value="[^"]*"/g, '')}`;

test('opening the link with a code approves nothing and shows the code in the field', async () => {
  const { user_code, device_code } = await askedCode();
  const page = await createPerson(issuer).open(`/device?user_code=${user_code}`);
  assert.ok(page.html.includes(`value="${user_code}"`));
  assert.equal((await poll(issuer, device_code)).body.error, 'authorization_pending');
  const [row] = await db.query(sql`select 1 from device_codes where opened_by is not null`);
  assert.equal(row, undefined);
});

test('a code is taken in any case, with or without the dash, before and after signing in', async () => {
  const person = createPerson(issuer);
  for (const spell of [
    (code: string) => code,
    (code: string) => code.toLowerCase(),
    (code: string) => code.replace('-', ''),
    (code: string) => ` ${code.replace('-', ' ')} `,
    (code: string) => [...code].join(' '),
  ]) {
    const { user_code } = await askedCode();
    const page = await person.enterCode(spell(user_code));
    assert.ok(page.url.endsWith('/device/confirm'), page.url);
    assert.ok(page.html.includes(user_code));
  }
});

test('allowing and denying end on a page that can be loaded again', async () => {
  const person = createPerson(issuer);
  await person.enterCode((await askedCode()).user_code);
  const allowed = await person.decide('allow');
  assert.ok(allowed.url.endsWith('/device/done'));
  assert.match(allowed.html, /Your device is connected/);
  assert.equal(mainOf(await person.open('/device/done')), mainOf(allowed));
  await person.enterCode((await askedCode()).user_code);
  assert.match((await person.decide('deny')).html, /You denied it/);
});

test('unknown, expired, used and misspelt codes have one answer', async () => {
  const expired = await askedCode();
  await db.query(
    sql`update device_codes set created_at = now() - interval '1 day', expires_at = now() - interval '1 minute'`,
  );
  const used = await askedCode();
  const helper = createPerson(issuer);
  await helper.enterCode(used.user_code);
  await helper.decide('deny');
  const visitor = createPerson(issuer);
  const member = createPerson(issuer);
  await member.signIn();
  for (const person of [visitor, member]) {
    const answers = [];
    for (const code of ['BCDF-GHJK', expired.user_code, used.user_code, 'AEIO-UUUU']) {
      await person.open('/device');
      answers.push(mainOf(await person.submit('/device', { user_code: code })));
    }
    assert.match(answers[0] ?? '', /^400.*This code does not work/s);
    assert.deepEqual(new Set(answers).size, 1);
  }
});

test('a person who closes the sign-in page can enter the same code again', async () => {
  const { user_code, device_code } = await askedCode();
  const person = createPerson(issuer);
  await person.open('/device');
  assert.match((await person.submit('/device', { user_code })).url, /\/sign-in$/);
  const again = createPerson(issuer);
  await again.enterCode(user_code);
  await again.decide('allow');
  assert.equal((await poll(issuer, device_code)).status, 200);
});

test('a code that one user opened is refused to another', async () => {
  const { user_code, device_code } = await askedCode();
  const opener = createPerson(issuer);
  const page = await opener.enterCode(user_code);
  const ticket = /name="ticket" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  const second = createPerson(issuer);
  assert.match((await second.enterCode(user_code, other)).html, /Another account opened this code/);
  await second.enterCode((await askedCode()).user_code, other);
  const refused = await second.submit('/device/confirm', { ticket, decision: 'allow' });
  assert.match(refused.html, /Another account opened this code/);
  assert.equal((await poll(issuer, device_code)).body.error, 'authorization_pending');
  assert.match((await opener.decide('allow')).html, /Your device is connected/);
});

test('deciding twice says that it was answered before', async () => {
  const { user_code } = await askedCode();
  const person = createPerson(issuer);
  const page = await person.enterCode(user_code);
  const ticket = /name="ticket" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  await person.decide('deny');
  await person.enterCode((await askedCode()).user_code);
  const late = await person.submit('/device/confirm', { ticket, decision: 'allow' });
  assert.match(late.html, /already used/);
});

test('a forged ticket decides nothing', async () => {
  const { user_code, device_code } = await askedCode();
  const person = createPerson(issuer);
  await person.enterCode(user_code);
  for (const ticket of ['', 'AAAA', 'A'.repeat(200)]) {
    await person.open('/device/confirm');
    await person.enterCode(user_code);
    assert.match((await person.submit('/device/confirm', { ticket, decision: 'allow' })).html, /has ended/);
  }
  assert.equal((await poll(issuer, device_code)).body.error, 'authorization_pending');
});

test('the session of a disabled user is worthless at once', async () => {
  const { user_code } = await askedCode();
  const person = createPerson(issuer);
  await person.enterCode(user_code, other);
  const bob = await findUserByEmail(db, other.email);
  await disableUser(db, bob?.id ?? '');
  const refused = await person.decide('allow');
  assert.equal(refused.status, 403);
  assert.match(refused.html, /not signed in any more/);
  assert.doesNotMatch((await person.open('/')).html, /bob@example/);
  await enableUser(db, bob?.id ?? '');
});

test('wrong codes before sign-in lead to the sign-in, and nobody behind the same address is locked out', async () => {
  const guesser = createPerson(issuer);
  for (let count = 0; count < policies.user_code_by_visit.failures; count += 1) {
    await guesser.open('/device');
    assert.equal((await guesser.submit('/device', { user_code: 'BCDF-GHJK' })).status, 400);
  }
  await guesser.open('/device');
  assert.match((await guesser.submit('/device', { user_code: 'BCDF-GHJK' })).url, /\/sign-in$/);

  await db.query(sql`update rate_limits set points = 1000 where key like 'user_code_by_address:%'`);
  const colleague = createPerson(issuer);
  const { user_code } = await askedCode();
  assert.match((await colleague.enterCode(user_code)).url, /\/device\/confirm$/);
  assert.match((await guesser.submit('/sign-in', other)).html, /This code does not work/);
});

test('an account that guesses has to wait, and only that account', async () => {
  const guesser = createPerson(issuer);
  await guesser.signIn(other);
  for (let count = 0; count < policies.user_code_by_account.failures; count += 1) {
    await guesser.open('/device');
    assert.equal((await guesser.submit('/device', { user_code: 'BCDF-GHJK' })).status, 400);
  }
  const { user_code } = await askedCode();
  await guesser.open('/device');
  assert.equal((await guesser.submit('/device', { user_code })).status, 429);
  assert.match((await createPerson(issuer).enterCode(user_code, demoUser)).url, /\/device\/confirm$/);
});

test('a wrong password, an unknown email and too many tries are told on the page', async () => {
  const person = createPerson(issuer);
  const tell = async (email: string) => {
    await person.open('/sign-in');
    return mainOf(await person.submit('/sign-in', { email, password: 'not the password at all' }));
  };
  assert.match(await tell(demoUser.email), /^400.*do not go together/s);
  assert.equal(await tell(demoUser.email), await tell('nobody@example.com'));
  for (let count = 2; count < policies.sign_in_by_account_and_address.failures; count += 1) {
    await tell(demoUser.email);
  }
  assert.match(await tell(demoUser.email), /^429.*Too many tries/s);
});
