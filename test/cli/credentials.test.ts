import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Account } from '../../src/cli/account.ts';
import { openCredentials } from '../../src/cli/credentials.ts';
import { openKeyring } from '../../src/cli/keyring.ts';
import { makeHome } from './terminal.ts';

function accountAt(issuer: string, accessToken = 'at'): Account {
  return {
    issuer,
    client_id: 'cli',
    token_endpoint: `${issuer}/oauth/token`,
    access_token: accessToken,
    token_type: 'bearer',
    scope: 'read',
    issued_at: '2026-01-01T00:00:00.000Z',
    expires_at: '2026-01-01T01:00:00.000Z',
    refresh_token: 'rt',
  };
}

const one = 'https://one.example';
const two = 'https://two.example';

test('several sign-ins are kept side by side and the last one is the current', async (t) => {
  const credentials = openCredentials(await makeHome(t));
  await credentials.add(accountAt(one));
  await credentials.add(accountAt(two));
  assert.deepEqual(await credentials.listIssuers(), [one, two]);
  assert.deepEqual(await credentials.find(), accountAt(two));
  assert.deepEqual(await credentials.find({ issuer: one }), accountAt(one));
  await credentials.add(accountAt(one, 'newer'));
  assert.deepEqual(await credentials.find(), accountAt(one, 'newer'));
});

test('without its current sign-in the store has none, and the others stay', async (t) => {
  const credentials = openCredentials(await makeHome(t));
  await credentials.add(accountAt(one));
  await credentials.add(accountAt(two));
  await credentials.remove(accountAt(two));
  assert.equal(await credentials.find(), undefined);
  assert.deepEqual(await credentials.find({ issuer: one }), accountAt(one));
});

test('new tokens do not bring back a sign-in that was forgotten meanwhile, nor make it the current', async (t) => {
  const credentials = openCredentials(await makeHome(t));
  await credentials.add(accountAt(one));
  await credentials.add(accountAt(two));
  await credentials.replace(accountAt(one, 'newer'));
  assert.equal((await credentials.find())?.issuer, two);
  await credentials.remove(accountAt(one));
  await credentials.replace(accountAt(one, 'newest'));
  assert.equal(await credentials.find({ issuer: one }), undefined);
});

test('sign-ins at once at many issuers are all kept', async (t) => {
  const credentials = openCredentials(await makeHome(t));
  const issuers = Array.from({ length: 10 }, (_, number) => `https://${number}.example`);
  await Promise.all(issuers.map((issuer) => credentials.add(accountAt(issuer))));
  assert.deepEqual((await credentials.listIssuers()).sort(), issuers);
});

test('the file is for its owner alone, in a folder for its owner alone, and nothing else is left there readable', async (t) => {
  const credentials = openCredentials({ ...(await makeHome(t)), POSTERN_CREDENTIALS: 'file' });
  await credentials.add(accountAt(one));
  const folder = join(credentials.path, '..');
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  for (const name of await readdir(folder)) {
    assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  }
});

test('POSTERN_CREDENTIALS may be a path, and a word that is none is refused', async (t) => {
  const home = await makeHome(t);
  const path = join(home.HOME, 'deep', 'er', 'mine.json');
  const credentials = openCredentials({ ...home, POSTERN_CREDENTIALS: path });
  await credentials.add(accountAt(one));
  assert.match(await readFile(path, 'utf8'), /one\.example/);
  assert.throws(() => openCredentials({ ...home, POSTERN_CREDENTIALS: 'keychain' }), {
    code: 'configuration',
  });
});

test('a Linux machine without a session bus has no keyring', () => {
  assert.equal(openKeyring({}, 'linux'), undefined);
});

test('a keyring that does not work is passed over for the file', async (t) => {
  const home = await makeHome(t);
  const credentials = openCredentials({ ...home, DBUS_SESSION_BUS_ADDRESS: `unix:path=${home.HOME}/no-bus` });
  await credentials.add(accountAt(one));
  assert.match(await readFile(credentials.path, 'utf8'), /"access_token"/);
});

test('a keyring that never answers is given up in seconds where nobody could unlock it', async (t) => {
  const home = await makeHome(t);
  const bus = createServer().listen(join(home.HOME, 'bus'));
  t.after(() => bus.close());
  await once(bus, 'listening');
  const env = { ...home, DBUS_SESSION_BUS_ADDRESS: `unix:path=${home.HOME}/bus` };
  const keyring = openKeyring(env, 'linux');
  await assert.rejects(keyring?.store(one, 'secret') ?? Promise.resolve(), /does not answer/);
});

test('a relative XDG_CONFIG_HOME is ignored', async (t) => {
  const home = await makeHome(t);
  const credentials = openCredentials({ ...home, XDG_CONFIG_HOME: 'relative' });
  assert.equal(credentials.path, join(home.HOME, '.config', 'postern', 'credentials.json'));
});

test('a file that others can read is refused with the command that mends it', async (t) => {
  const credentials = openCredentials(await makeHome(t));
  await credentials.add(accountAt(one));
  await chmod(credentials.path, 0o644);
  await assert.rejects(credentials.find(), {
    code: 'configuration',
    message: /can be read by others: run: chmod 600/,
  });
  await assert.rejects(credentials.add(accountAt(two)), { code: 'configuration' });
});

test('a folder that others can write is refused', async (t) => {
  const credentials = openCredentials(await makeHome(t));
  await credentials.add(accountAt(one));
  await chmod(join(credentials.path, '..'), 0o777);
  await assert.rejects(credentials.find(), { code: 'configuration', message: /chmod go-w/ });
});

test('a symbolic link is neither read through nor written through', async (t) => {
  const home = await makeHome(t);
  const credentials = openCredentials(home);
  const target = join(home.HOME, 'target.json');
  await writeFile(target, '{"version":1,"accounts":[]}', { mode: 0o600 });
  await mkdir(join(credentials.path, '..'), { recursive: true, mode: 0o700 });
  await symlink(target, credentials.path);
  await assert.rejects(credentials.find(), { code: 'configuration', message: /symbolic link/ });
  await assert.rejects(credentials.add(accountAt(one)), { code: 'configuration', message: /symbolic link/ });
  assert.equal(await readFile(target, 'utf8'), '{"version":1,"accounts":[]}');
});

const damages = [
  '',
  'not json',
  'null',
  '[]',
  '{"version":2,"accounts":[]}',
  '{"version":1}',
  '{"version":1,"accounts":[null]}',
  '{"version":1,"accounts":[{"issuer":"https://one.example"}]}',
  JSON.stringify({ version: 1, accounts: [{ ...accountAt(one), expires_at: 'soon' }] }),
];

for (const damage of damages) {
  test(`a damaged file is told as such and stays as it is: ${damage.slice(0, 60)}`, async (t) => {
    const credentials = openCredentials(await makeHome(t));
    await mkdir(join(credentials.path, '..'), { recursive: true, mode: 0o700 });
    await writeFile(credentials.path, damage, { mode: 0o600 });
    await assert.rejects(credentials.find(), { code: 'configuration', message: /is damaged: remove it/ });
    await assert.rejects(credentials.add(accountAt(one)), { code: 'configuration' });
    assert.equal(await readFile(credentials.path, 'utf8'), damage);
  });
}
