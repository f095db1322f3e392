import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { hire } from '../support/company.ts';
import { createPerson } from '../support/person.ts';
import { addPasskeyOf, setUpApp } from '../support/second-factor.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { runCommand } from './terminal.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
});
after(() => server.stop());

const env = () => ({ DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret });

describe('postern user second-factor remove', () => {
  const remove = (email: string) => runCommand(['user', 'second-factor', 'remove', email], { env: env() });

  it('lets in with the password alone who has lost theirs, and writes that down', async () => {
    const employee = await hire(server);
    await setUpApp(server, employee);
    await addPasskeyOf(server, employee);
    const { email } = employee.account;
    const { exitCode, stderr } = await remove(email);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /one-time codes, 1 passkey, recovery codes; and ended their sessions/);
    assert.equal((await employee.person.open('/account')).url, `${server.issuer}/sign-in`);
    const { url } = await createPerson(server.issuer).signIn(employee.account);
    assert.equal(url, `${server.issuer}/account`);
    const [event] = await server.db.query<{ actor_kind: string; target_name: string }>(
      sql`select actor_kind, target_name from audit_events where action = 'second_factor.removed'`,
    );
    assert.deepEqual(event, { actor_kind: 'operator', target_name: email });
  });

  it('says so where there is nobody, or nothing to remove', async () => {
    const { account } = await hire(server);
    assert.match((await remove(account.email)).stderr, /has no second factor/);
    assert.match((await remove('nobody@example.com')).stderr, /There is no user/);
  });
});

describe('postern secret rotate', () => {
  it('seals the secrets of authenticator apps anew, and their codes go on working', async () => {
    const employee = await hire(server);
    const app = await setUpApp(server, employee);
    const next = 'next-master-secret-0123456789-abcdefghij';
    const settings = { POSTERN_SECRET: next, POSTERN_PREVIOUS_SECRET: testSecret };
    const rotated = await runCommand(['secret', 'rotate', '--json'], { env: { ...env(), ...settings } });
    assert.equal(rotated.exitCode, 0, rotated.stderr);
    assert.equal(JSON.parse(rotated.stdout).totp_secrets, 1);
    const again = await runCommand(['secret', 'rotate', '--json'], { env: { ...env(), ...settings } });
    assert.equal(JSON.parse(again.stdout).totp_secrets, 0);
    const later = await startServer({
      databaseUrl: server.databaseUrl,
      settings: { POSTERN_SECRET: next },
    });
    try {
      const person = createPerson(later.issuer);
      await person.signIn(employee.account);
      const { url } = await person.submit('/sign-in/second-factor', { code: app.code() });
      assert.equal(url, `${later.issuer}/account`);
    } finally {
      await later.stop();
    }
  });
});
