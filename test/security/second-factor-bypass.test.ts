import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { disableUser } from '../../src/users/user.ts';
import { createTokenCaller } from '../support/api.ts';
import { requestDevice } from '../support/client.ts';
import { type Employee, foundCompany, hire } from '../support/company.ts';
import { createPerson, hiddenField } from '../support/person.ts';
import { addPasskeyOf, ageSessions, codeOf, setUpApp } from '../support/second-factor.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let issuer: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  issuer = server.issuer;
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

async function hireCareful() {
  const employee = await hire(server);
  return { ...employee, app: await setUpApp(server, employee) };
}

/** Every operation that changes how somebody signs in. */
const changes: [method: string, path: string, body?: unknown][] = [
  ['POST', '/users/me/totp/enrolments'],
  ['PUT', '/users/me/totp', { enrolment: 'x', code: '123456' }],
  ['DELETE', '/users/me/totp'],
  ['POST', '/users/me/recovery-codes'],
  ['POST', '/users/me/passkeys/registrations'],
  ['POST', '/users/me/passkeys', { registration: 'x', credential: { id: 'x' }, name: 'x' }],
  ['PATCH', '/users/me/passkeys/7c9eb462-3d4c-462f-85bb-0126d69fadc5', { name: 'x' }],
  ['DELETE', '/users/me/passkeys/7c9eb462-3d4c-462f-85bb-0126d69fadc5'],
];

const passwordChange = {
  present_password: 'seven grey herons wade upstream',
  password: 'nine purple kites over the harbour',
};

describe('a sign-in that waits for its second factor', () => {
  it('is worth nothing in another browser', async () => {
    const { account, app } = await hireCareful();
    const victim = createPerson(issuer);
    await victim.signIn(account);
    const thief = createPerson(issuer);
    await thief.open('/sign-in');
    thief.cookies.set('postern-half', victim.cookies.get('postern-half') ?? '');
    assert.equal((await thief.open('/sign-in/second-factor')).url, `${issuer}/sign-in`);
    const csrf = hiddenField(await thief.open('/sign-in'), 'csrf');
    thief.cookies.set('postern-half', victim.cookies.get('postern-half') ?? '');
    const page = await thief.send('/sign-in/second-factor', { csrf, code: app.code() });
    assert.equal(page.url, `${issuer}/sign-in`);
    assert.equal(thief.cookies.has('postern-session'), false);
  });

  it('opens no page, no operation and no device', async () => {
    const { account } = await hireCareful();
    const person = createPerson(issuer);
    const page = await person.signIn(account);
    const csrf = hiddenField(page, 'csrf');
    for (const path of ['/account', '/account/security', '/step-up', '/device/confirm', '/api/docs']) {
      const { url, html } = await person.open(path);
      assert.ok(!html.includes('Sign out'), `${path} led to ${url}`);
    }
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, origin: issuer, 'x-csrf-token': csrf };
    assert.equal((await fetch(`${issuer}/api/v1/users/me`, { headers })).status, 401);
    const { body: device } = await requestDevice(issuer);
    await person.open('/device');
    const entered = await person.submit('/device', { user_code: device.user_code });
    assert.equal(entered.url, `${issuer}/sign-in`);
  });

  it('ends when the password is changed, or the account disabled', async () => {
    const { account, app, call, id } = await hireCareful();
    const waiting = [createPerson(issuer), createPerson(issuer)] as const;
    for (const person of waiting) await person.signIn(account);
    assert.equal((await call('PUT', '/users/me/password', passwordChange)).status, 204);
    const first = await waiting[0].submit('/sign-in/second-factor', { code: app.code() });
    assert.equal(first.url, `${issuer}/sign-in`);
    const person = createPerson(issuer);
    await person.signIn({ ...account, password: passwordChange.password });
    await disableUser(server.db, id);
    const second = await person.submit('/sign-in/second-factor', { code: app.code() });
    assert.equal(second.url, `${issuer}/sign-in`);
  });

  it('tells who does not know the password nothing of a second factor', async () => {
    const { account } = await hireCareful();
    const plain = await hire(server);
    const pages = await Promise.all(
      [account, plain.account].map(({ email }) =>
        createPerson(issuer).signIn({ email, password: 'not the password at all' }),
      ),
    );
    const [careful, careless] = pages.map(({ status, html }) => [
      status,
      html.replace(/value="[^"]*"|data-options="[^"]*"/g, ''),
    ]);
    assert.deepEqual(careful, careless);
  });
});

describe('how somebody signs in', () => {
  it('cannot be changed with an API token, whatever it may do', async () => {
    const { administrator } = await foundCompany(server);
    const permissions = {
      [demoResource.uri]: ['read'],
      [`${issuer}/api`]: ['sessions:write', 'tokens:write'],
    };
    const { body } = await administrator.call('POST', '/tokens', { name: 'x', permissions });
    const token = createTokenCaller(issuer, body.value);
    for (const [method, path, body] of [...changes, ['PUT', '/users/me/password', passwordChange] as const]) {
      const answer = await token(method, path, body === undefined ? {} : { body });
      assert.equal(answer.status, 403, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    }
    for (const path of ['/users/me/security', '/users/me/passkeys'])
      assert.equal((await token('GET', path)).status, 403);
  });

  it('cannot be changed in a session that is not fresh (RFC 9470 section 3)', async () => {
    const employee = await hire(server);
    await addPasskeyOf(server, employee);
    await ageSessions(server, employee.id);
    for (const [method, path, body] of [...changes, ['PUT', '/users/me/password', passwordChange] as const]) {
      const answer = await employee.call(method, path, body);
      assert.deepEqual(
        [answer.status, answer.body.code],
        [401, 'insufficient_user_authentication'],
        `${method} ${path}`,
      );
      assert.match(answer.headers.get('www-authenticate') ?? '', /error="insufficient_user_authentication"/);
    }
  });

  it('cannot be changed by the password alone where there is a second factor', async () => {
    const { id, person, account } = await hireCareful();
    await ageSessions(server, id);
    await person.open('/account/security/totp');
    const page = await person.submit('/step-up', { password: account.password, code: '000000' });
    assert.equal(page.status, 400);
    assert.equal((await person.open('/account/security/totp')).url, `${issuer}/step-up`);
  });

  it('cannot be changed with what was begun in another session', async () => {
    const [one, other] = await Promise.all([hire(server), hire(server)]);
    const { enrolment, secret } = (await one.call('POST', '/users/me/totp/enrolments')).body;
    const set = await other.call('PUT', '/users/me/totp', { enrolment, code: codeOf(secret) });
    assert.equal(set.status, 409);
  });

  it('is set up once with one secret', async () => {
    const { call, id } = await hire(server);
    const { enrolment, secret } = (await call('POST', '/users/me/totp/enrolments')).body;
    const set = () => call('PUT', '/users/me/totp', { enrolment, code: codeOf(secret) });
    assert.deepEqual([(await set()).status, (await set()).status], [200, 409]);
    const rows = await server.db.query(
      sql`select from totp_secrets where user_id = ${id}::uuid and used_step > 0`,
    );
    assert.equal(rows.length, 1);
  });
});

describe('a session that proves more', () => {
  it('gets a new id, and the old one is worth nothing', async () => {
    const { id, account, person } = await hire(server);
    await ageSessions(server, id);
    const thief = createPerson(issuer);
    for (const [name, value] of person.cookies) thief.cookies.set(name, value);
    await person.open('/account/security/totp');
    await person.submit('/step-up', { password: account.password });
    assert.equal((await person.open('/account/security')).status, 200);
    assert.equal((await thief.open('/account/security')).url, `${issuer}/sign-in`);
  });

  it('is not led anywhere by a request', async () => {
    const { id, account, person } = await hire(server);
    await ageSessions(server, id);
    await person.open('/step-up?back=https://evil.example&return_to=//evil.example');
    const page = await person.submit('/step-up', { password: account.password });
    assert.equal(page.url, `${issuer}/account/security`);
  });

  it('is throttled: the eleventh password is not looked at', async () => {
    const { id, account, person } = await hire(server);
    await ageSessions(server, id);
    await person.open('/step-up');
    for (let count = 0; count < 10; count += 1)
      assert.equal((await person.submit('/step-up', { password: 'a wrong one' })).status, 400);
    assert.equal((await person.submit('/step-up', { password: account.password })).status, 429);
  });
});

describe('a change of the password', () => {
  const change = ({ call }: Employee, changes: Record<string, unknown> = {}) =>
    call('PUT', '/users/me/password', { ...passwordChange, ...changes });

  it('ends every other session, and keeps this one', async () => {
    const employee = await hire(server);
    const elsewhere = createPerson(issuer);
    await elsewhere.signIn(employee.account);
    assert.equal((await change(employee)).status, 204);
    assert.equal((await elsewhere.open('/account')).url, `${issuer}/sign-in`);
    assert.equal((await employee.person.open('/account')).url, `${issuer}/account`);
  });

  it('needs the present password, and counts the wrong ones even though nothing else is kept', async () => {
    const employee = await hire(server);
    for (let count = 0; count < 10; count += 1) {
      const refused = await change(employee, { present_password: 'a wrong one' });
      assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '#/present_password']);
    }
    const limited = await change(employee);
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get('retry-after')) > 0);
  });

  it('happens once of two at the same time', async () => {
    const employee = await hire(server);
    const both = await Promise.all([
      change(employee),
      change(employee, { password: 'eleven green tents beneath a comet' }),
    ]);
    const statuses = both.map(({ status }) => status).sort();
    // Who comes second has the id of a session that has another one.
    assert.ok(statuses[0] === 204 && [401, 409, 422].includes(statuses[1] ?? 0), `${statuses}`);
    assert.equal((await employee.person.open('/account')).url, `${issuer}/account`);
  });

  it('ends devices and API tokens where that is asked for', async () => {
    const { administrator } = await foundCompany(server);
    const { body } = await administrator.call('POST', '/tokens', {
      name: 'x',
      permissions: { [demoResource.uri]: ['read'] },
    });
    const token = createTokenCaller(issuer, body.value);
    assert.equal((await change(administrator)).status, 204);
    assert.equal((await token('GET', '/users/me')).status, 200);
    const again = {
      present_password: passwordChange.password,
      password: 'eleven green tents beneath a comet',
      ends_tokens: true,
    };
    assert.equal((await administrator.call('PUT', '/users/me/password', again)).status, 204);
    assert.equal((await token('GET', '/users/me')).status, 401);
  });
});
