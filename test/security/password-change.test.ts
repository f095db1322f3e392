import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { hashPassword } from '../../src/users/password.ts';
import { createSession, findSession } from '../../src/users/session.ts';
import { findUser, lockPassword, setPassword } from '../../src/users/user.ts';
import { createTokenCaller } from '../support/api.ts';
import { foundCompany, hire } from '../support/company.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const next = 'nine purple kites over the harbour';

/** Until somebody waits for a transaction. */
async function untilWaiting(): Promise<void> {
  const waiting = sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await until(async () => (await server.db.query(waiting)).length > 0);
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
