import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { openCredentials } from '../../src/cli/credentials.ts';
import { demoCli, demoUser } from '../../src/development.ts';
import { inRoot } from '../../src/root.ts';
import { introspect, revoke } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { openDatabase } from '../support/postgres.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { makeHome, runCommand, startCommand } from './terminal.ts';

let server: TestServer;

async function startLogin(t: TestContext, flags: string[] = [], at = server) {
  const env = { ...(await makeHome(t)), POSTERN_ISSUER: at.issuer };
  const login = startCommand(['login', ...flags], { env });
  const [userCode] = await login.heard(/[A-Z]{4}-[A-Z]{4}/);
  return { env, login, userCode, credentials: openCredentials(env) };
}

async function signIn(t: TestContext, at = server) {
  const { env, login, userCode, credentials } = await startLogin(t, ['--json'], at);
  const person = createPerson(at.issuer);
  await person.enterCode(userCode);
  await person.decide('allow');
  const outcome = await login.outcome;
  assert.equal(outcome.exitCode, 0, outcome.stderr);
  const account = await credentials.find();
  assert.ok(account);
  /** Makes the access token look expired to this machine. */
  const age = () => credentials.replace({ ...account, expires_at: new Date(0).toISOString() });
  return { env, outcome, credentials, account, age };
}

// Each login waits out the interval of its first poll, so they wait together.
describe('postern login', { concurrency: true }, () => {
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  test('an approved login keeps tokens that work until logout ends them at the server', async (t) => {
    const { env, outcome, account } = await signIn(t);
    assert.deepEqual(JSON.parse(outcome.stdout), {
      issuer: server.issuer,
      client_id: demoCli.id,
      scope: account.scope,
      expires_at: account.expires_at,
      account: demoUser.email,
    });
    assert.deepEqual(account.scope.split(' ').sort(), ['read', 'write']);

    const token = (await runCommand(['token'], { env })).stdout.trim();
    assert.equal(token, account.access_token);
    assert.equal((await introspect(server.issuer, token)).body.active, true);

    const told = await runCommand(['whoami'], { env });
    assert.equal(told.exitCode, 0);
    assert.match(
      told.stdout,
      /^demo@example\.com\n {2}issuer {2}http.*\n {2}client {2}demo-cli\n {2}scopes {2}/,
    );
    assert.match(told.stdout, /\(in (5\d minutes|1 hour)\)\n$/);
    const who = JSON.parse((await runCommand(['whoami', '--json'], { env })).stdout);
    assert.equal(who.username, demoUser.email);

    const logout = await runCommand(['logout'], { env });
    assert.deepEqual(logout, { exitCode: 0, stdout: '', stderr: `Signed out of ${server.issuer}.\n` });
    assert.equal((await introspect(server.issuer, token)).body.active, false);
    assert.equal((await runCommand(['token'], { env })).exitCode, 4);
  });

  test('twenty processes that need a renewal at once renew once and print one token', async (t) => {
    const own = await startServer();
    t.after(() => own.stop());
    const { env, account, age } = await signIn(t, own);
    await age();
    const before = tokenRequests(own);
    const runs = Array.from({ length: 20 }, () =>
      promisify(execFile)(process.execPath, [inRoot('src/main.ts'), 'token'], { env }),
    );
    const printed = new Set((await Promise.all(runs)).map(({ stdout }) => stdout));
    assert.equal(printed.size, 1);
    assert.equal(tokenRequests(own) - before, 1);
    const [token = ''] = printed;
    assert.notEqual(token.trim(), account.access_token);
    assert.equal((await introspect(own.issuer, token.trim())).body.active, true);
  });

  test('a sign-in that the server ended is forgotten with exit code 4', async (t) => {
    const { env, account, age, credentials } = await signIn(t);
    await revoke(server.issuer, account.refresh_token ?? '');
    await age();
    const outcome = await runCommand(['token'], { env });
    assert.equal(outcome.exitCode, 4);
    assert.equal(outcome.stdout, '');
    assert.match(outcome.stderr, /^postern: Not signed in: the sign-in to .* has ended, run postern login/);
    assert.deepEqual(await credentials.listIssuers(), []);
  });

  test('whoami replaces an access token that the server no longer takes', async (t) => {
    const { env, account } = await signIn(t);
    await revoke(server.issuer, account.access_token);
    const told = await runCommand(['whoami'], { env });
    assert.equal(told.exitCode, 0, told.stderr);
    const token = (await runCommand(['token'], { env })).stdout.trim();
    assert.notEqual(token, account.access_token);
    assert.equal((await introspect(server.issuer, token)).body.active, true);
  });

  test('a denied login ends with its own sentence', async (t) => {
    const { login, userCode, credentials } = await startLogin(t);
    const person = createPerson(server.issuer);
    await person.enterCode(userCode);
    await person.decide('deny');
    const { exitCode, stdout, stderr } = await login.outcome;
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /\npostern: The login was denied in the browser; nobody is signed in\n$/);
    assert.deepEqual(await credentials.listIssuers(), []);
  });

  test('a number that the server wants typed is shown once somebody looks at the request', async (t) => {
    const { id } = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
      numberMatching: true,
    });
    const { login, userCode } = await startLogin(t, ['--client', id, '--scope', 'read']);
    const person = createPerson(server.issuer);
    await person.enterCode(userCode);
    const [, number = ''] = await login.heard(/type the number (\d\d) in the browser/);
    const page = await person.submit('/device/confirm', { decision: 'allow', number });
    assert.match(page.html, /Your device is connected/);
    const { exitCode, stderr } = await login.outcome;
    assert.equal(exitCode, 0, stderr);
    assert.equal(stderr.match(/type the number/g)?.length, 1, 'it is told once');
  });

  test('a login that nobody approves ends when the code expires', async (t) => {
    let now = new Date();
    const env = { ...(await makeHome(t)), POSTERN_ISSUER: server.issuer };
    const login = startCommand(['login'], { env, clock: { now: () => now } });
    await login.heard(/Waiting for your approval/);
    now = new Date(now.getTime() + 600_000);
    const { exitCode, stderr } = await login.outcome;
    assert.equal(exitCode, 1);
    assert.match(stderr, /\npostern: The code expired before anybody approved it; run: postern login\n$/);
  });

  test('Ctrl-C ends a login quietly with 130', async (t) => {
    const { login } = await startLogin(t);
    login.interrupt();
    const { exitCode, stdout, stderr } = await login.outcome;
    assert.equal(exitCode, 130);
    assert.equal(stdout, '');
    assert.match(stderr, /Waiting for your approval; the code expires in (9|10) minutes\.\n$/);
  });

  test('a second login at an issuer ends the first one there', async (t) => {
    const first = await signIn(t);
    const again = startCommand(['login'], { env: first.env });
    const [userCode] = await again.heard(/[A-Z]{4}-[A-Z]{4}/);
    const person = createPerson(server.issuer);
    await person.enterCode(userCode);
    await person.decide('allow');
    assert.equal((await again.outcome).exitCode, 0);
    assert.equal((await introspect(server.issuer, first.account.access_token)).body.active, false);
    const token = (await runCommand(['token'], { env: first.env })).stdout.trim();
    assert.equal((await introspect(server.issuer, token)).body.active, true);
  });

  test('a scope that the client may not have is refused in the words of the server', async (t) => {
    const env = { ...(await makeHome(t)), POSTERN_ISSUER: server.issuer };
    const { exitCode, stderr } = await runCommand(['login', '--scope', 'admin'], { env });
    assert.equal(exitCode, 1);
    assert.match(stderr, /^postern: http.* refused this login: .*\(invalid_scope\)\n$/);
  });

  test('a login outlives a restart of the server', async (t) => {
    const database = await openDatabase();
    const first = await startServer({ databaseUrl: database.url });
    const { login, userCode } = await startLogin(t, [], first);
    await first.stop();
    await login.heard(/ is away \(nothing listens there\), trying again\n/);
    const settings = { POSTERN_ISSUER: first.issuer, POSTERN_PORT: new URL(first.issuer).port };
    const second = await startServer({ databaseUrl: database.url, settings });
    t.after(() => second.stop());
    const person = createPerson(second.issuer);
    await person.enterCode(userCode);
    await person.decide('allow');
    const { exitCode, stderr } = await login.outcome;
    assert.equal(exitCode, 0, stderr);
  });
});

function tokenRequests(of: TestServer): number {
  return of.logged().split('"/oauth/token"').length - 1;
}
