import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { accountTokens, isFresh } from '../../src/cli/account.ts';
import { openCredentials } from '../../src/cli/credentials.ts';
import { findFreePort } from '../support/port.ts';
import { makeHome, runCommand } from './terminal.ts';

const issuer = 'https://auth.example';
const signedInAt = new Date('2026-01-01T00:00:00Z');
let noOneListens: string;
before(async () => {
  noOneListens = `http://127.0.0.1:${await findFreePort()}`;
});

function after(seconds: number) {
  return { now: () => new Date(signedInAt.getTime() + seconds * 1000) };
}

async function signedIn(t: Parameters<typeof makeHome>[0], server = issuer) {
  const env = await makeHome(t);
  const credentials = openCredentials(env);
  const account = {
    issuer: server,
    client_id: 'cli',
    token_endpoint: `${server}/oauth/token`,
    revocation_endpoint: `${server}/oauth/revoke`,
    ...accountTokens(
      { access_token: 'pst_at_x', token_type: 'bearer', expires_in: 3600, refresh_token: 'pst_rt_x' },
      { scope: 'read' },
      signedInAt,
    ),
  };
  await credentials.add(account);
  return { env, credentials, account };
}

test('a token that lasts is printed alone on stdout', async (t) => {
  const { env } = await signedIn(t);
  const outcome = await runCommand(['token'], { env, clock: after(60) });
  assert.deepEqual(outcome, { exitCode: 0, stdout: 'pst_at_x\n', stderr: '' });
});

test('with --json the token comes with its type, scope and expiry', async (t) => {
  const { env } = await signedIn(t);
  const { stdout } = await runCommand(['token', '--json', '--issuer', `${issuer}/`], {
    env,
    clock: after(60),
  });
  assert.deepEqual(JSON.parse(stdout), {
    access_token: 'pst_at_x',
    token_type: 'bearer',
    expires_at: '2026-01-01T01:00:00.000Z',
    scope: 'read',
  });
});

test('a token is renewed in its last minute, a short-lived one in the last tenth of its life', () => {
  const lasting = (seconds: number) => ({
    issuer,
    client_id: 'cli',
    token_endpoint: issuer,
    ...accountTokens(
      { access_token: 'a', token_type: 'bearer', expires_in: seconds },
      { scope: '' },
      signedInAt,
    ),
  });
  assert.equal(isFresh(lasting(3600), after(3539).now()), true);
  assert.equal(isFresh(lasting(3600), after(3540).now()), false);
  assert.equal(isFresh(lasting(10), after(8).now()), true);
  assert.equal(isFresh(lasting(10), after(9).now()), false);
});

test('nobody signed in is exit code 4 with the command that helps', async (t) => {
  const env = await makeHome(t);
  for (const command of ['token', 'whoami']) {
    const outcome = await runCommand([command], { env });
    assert.deepEqual(outcome, {
      exitCode: 4,
      stdout: '',
      stderr: 'postern: Not signed in: run postern login\n',
    });
  }
});

test('a sign-in elsewhere is named, not used', async (t) => {
  const { env, credentials, account } = await signedIn(t);
  await credentials.add({ ...account, issuer: 'https://other.example' });
  await credentials.remove({ ...account, issuer: 'https://other.example' });
  const outcome = await runCommand(['token'], { env, clock: after(60) });
  assert.equal(outcome.exitCode, 4);
  assert.match(outcome.stderr, /name it with --issuer \(https:\/\/auth\.example\)/);
});

test('with the server away a token that still lasts is printed, one that does not is exit code 1', async (t) => {
  const { env } = await signedIn(t, noOneListens);
  const lasting = await runCommand(['token'], { env, clock: after(3590) });
  assert.equal(lasting.exitCode, 0);
  assert.equal(lasting.stdout, 'pst_at_x\n');
  assert.match(lasting.stderr, /nothing listens there; this token lasts 10 seconds more/);
  const expired = await runCommand(['token'], { env, clock: after(3600) });
  assert.equal(expired.exitCode, 1);
  assert.equal(expired.stdout, '');
  assert.equal(expired.stderr, `postern: ${noOneListens} cannot be reached: nothing listens there\n`);
});

test('logout without the server forgets here, warns and is exit code 1; once more it is nothing to do', async (t) => {
  const { env, credentials } = await signedIn(t, noOneListens);
  const outcome = await runCommand(['logout'], { env });
  assert.equal(outcome.exitCode, 1);
  assert.match(
    outcome.stderr,
    /Signed out on this machine alone: .* could not be told: nothing listens there/,
  );
  assert.deepEqual(await credentials.listIssuers(), []);
  const again = await runCommand(['logout'], { env });
  assert.deepEqual(again, { exitCode: 0, stdout: '', stderr: 'Not signed in; nothing to do.\n' });
});

test('a damaged or exposed store is exit code 78 in one line', async (t) => {
  const { env, credentials } = await signedIn(t);
  await chmod(credentials.path, 0o640);
  const exposed = await runCommand(['token'], { env });
  assert.equal(exposed.exitCode, 78);
  assert.match(exposed.stderr, /^postern: .*chmod 600 .*\n$/);
  await writeFile(credentials.path, '{');
  await chmod(credentials.path, 0o600);
  const damaged = await runCommand(['token'], { env });
  assert.equal(damaged.exitCode, 78);
  assert.match(damaged.stderr, /^postern: .* is damaged: remove it, then run: postern login\n$/);
});
