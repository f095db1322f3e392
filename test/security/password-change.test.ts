import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { hashPassword } from '../../src/users/password.ts';
import { createSession, findSession } from '../../src/users/session.ts';
import { findUser, lockPassword, setPassword } from '../../src/users/user.ts';
import { createTokenCaller } from '../support/api.ts';
import { poll, requestDevice } from '../support/client.ts';
import { callApi, type EmployeeCall, foundCompany, hire } from '../support/company.ts';
import { letDeviceInBy } from '../support/device-login.ts';
import { createPerson, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const next = 'nine purple kites over the harbour';

/** The API as the pages in this browser call it. */
async function callerIn(person: Person): Promise<EmployeeCall> {
  const csrf = /data-csrf="([^"]+)"/.exec((await person.open('/api/docs')).html)?.[1] ?? '';
  const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return (method, path, body) =>
    callApi(server.issuer, [method, path, body], { cookie, 'x-csrf-token': csrf });
}

/** Until so many statements like this wait for a transaction. */
async function untilWaiting(many = 1, statement = '%from users where id = %for %'): Promise<void> {
  const waiting = sql`
    select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like ${statement}`;
  await until(async () => (await server.db.query(waiting)).length >= many);
}

describe('a changed password', () => {
  it('ends a sign-in with the old one that was on its way', async () => {
    const { id, account } = await hire(server);
    const thief = createPerson(server.issuer);
    await thief.open('/sign-in');
    const hash = await hashPassword(next);
    let arriving: Promise<unknown> | undefined;
    await server.db.transaction(async (tx) => {
      // The old password has been judged right, and its session waits for this transaction.
      await tx.query(sql`select from users where id = ${id}::uuid for update`);
      arriving = thief.submit('/sign-in', account);
      await untilWaiting();
      await setPassword(tx, id, hash);
    });
    await arriving;
    assert.ok((await thief.open('/account')).url.endsWith('/sign-in'));
  });

  it('ends a session with the old one that begins while it waits for that', async () => {
    const { id, account, call } = await hire(server);
    const { passwordHash = '' } = (await findUser(server.db, id)) ?? {};
    let changing: ReturnType<typeof call> | undefined;
    const session = await server.db.transaction(async (tx) => {
      assert.ok(await lockPassword(tx, id, passwordHash));
      const begun = await createSession(tx, id, ['pwd']);
      changing = call('PUT', '/users/me/password', { present_password: account.password, password: next });
      await untilWaiting();
      return begun;
    });
    assert.equal((await changing)?.status, 204);
    assert.equal(await findSession(server.db, session), undefined);
  });

  it('ends a token that a stranger in the account makes at that moment', async () => {
    const { join } = await foundCompany(server);
    const { account, call } = await join('member');
    const thief = createPerson(server.issuer);
    await thief.signIn(account);
    const stolen = await callerIn(thief);
    const token = { name: 'Backdoor', permissions: {} };
    const requests: Promise<{ status: number; body: { value: string } }>[] = [];
    await server.db.transaction(async (tx) => {
      // No token is made until this ends.
      await tx.query(sql`lock table api_tokens in share mode`);
      requests.push(stolen('POST', '/tokens', token));
      await untilWaiting(1, '%insert into api_tokens%');
      const change = { present_password: account.password, password: next, ends_tokens: true };
      requests.push(call('PUT', '/users/me/password', change));
      await untilWaiting(1);
      requests.push(stolen('POST', '/tokens', token));
      await untilWaiting(2);
    });
    const [before, changed, later] = await Promise.all(requests);
    assert.deepEqual([before?.status, changed?.status, later?.status], [201, 204, 401]);
    const backdoor = createTokenCaller(server.issuer, before?.body.value ?? '');
    assert.equal((await backdoor('GET', '/users/me')).status, 401);
  });

  it('ends a device that a stranger in the account lets in at that moment', async () => {
    const { account, call } = await hire(server);
    const thief = createPerson(server.issuer);
    await thief.signIn(account);
    const { body: device } = await requestDevice(server.issuer);
    await thief.enterCode(device.user_code, account);
    const requests: Promise<unknown>[] = [];
    await server.db.transaction(async (tx) => {
      await tx.query(sql`lock table grants in share mode`);
      requests.push(thief.decide('allow'));
      await untilWaiting(1, '%insert into grants%');
      const change = { present_password: account.password, password: next, ends_tokens: true };
      requests.push(call('PUT', '/users/me/password', change));
      await untilWaiting(1);
    });
    await Promise.all(requests);
    const { status, body } = await poll(server.issuer, device.device_code);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  });

  it('says beforehand how many devices, tokens and values it ends, and nothing where there are none', async () => {
    const { administrator, join } = await foundCompany(server);
    const { account, person, call } = await join('member');
    const page = async () => (await person.open('/account/security')).html;
    const holdings = async () => (await call('GET', '/users/me/security')).body.holdings;
    const { body: shared } = await administrator.call('POST', '/shared-tokens', {
      name: 'Reports',
      permissions: {},
    });
    await call('POST', `/shared-tokens/${shared.id}/values`);
    for (const name of ['Laptop', 'Server', 'Lost']) await call('POST', '/tokens', { name, permissions: {} });
    const { body: tokens } = await call('GET', '/tokens');
    const lost = tokens.items.find(({ name }: { name: string }) => name === 'Lost');
    await call('POST', `/tokens/${lost.id}/disable`);
    await letDeviceInBy(person, server.issuer);
    assert.deepEqual(await holdings(), { devices: 1, tokens: 2, shared_values: 1 });
    assert.match(
      await page(),
      /Also sign out my only device or app, and disable my 2 API tokens, and end my value of a shared token/,
    );
    const german = createPerson(server.issuer, { 'accept-language': 'de' });
    await german.signIn(account);
    assert.match(
      (await german.open('/account/security')).html,
      /Auch mein einziges Gerät abmelden und meine 2 API-Tokens sperren und meinen Wert eines gemeinsamen Tokens beenden/,
    );
    const change = { present_password: account.password, password: next, ends_tokens: true };
    assert.equal((await call('PUT', '/users/me/password', change)).status, 204);
    assert.deepEqual(await holdings(), { devices: 0, tokens: 0, shared_values: 0 });
    const after = await page();
    assert.match(after, /no devices or apps that could be signed out, and no API tokens/);
    assert.doesNotMatch(after, /ends_tokens/);
  });

  it('ends the values of shared tokens that somebody took, where it ends their tokens', async () => {
    const { administrator, join } = await foundCompany(server);
    const employee = await join('member');
    const body = { name: 'Reports', permissions: {} };
    const { body: shared } = await administrator.call('POST', '/shared-tokens', body);
    const { body: taken } = await employee.call('POST', `/shared-tokens/${shared.id}/values`);
    const stolen = createTokenCaller(server.issuer, taken.value);
    assert.equal((await stolen('GET', '/users/me')).status, 200);
    const change = { present_password: employee.account.password, password: next, ends_tokens: true };
    assert.equal((await employee.call('PUT', '/users/me/password', change)).status, 204);
    assert.equal((await stolen('GET', '/users/me')).status, 401);
    const own = createTokenCaller(server.issuer, shared.value);
    assert.equal((await own('GET', '/users/me')).status, 200, 'it is everybody’s');
  });
});
