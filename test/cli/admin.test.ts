import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { runCli } from '../../src/cli/program.ts';
import { findClient, getClient } from '../../src/clients/client.ts';
import { hasSecret } from '../../src/clients/secret.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { inRoot } from '../../src/root.ts';
import { verifyPassword } from '../../src/users/password.ts';
import { findUserByEmail } from '../../src/users/user.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { capture, runCommand } from './terminal.ts';

let database: TestDatabase;
let db: Pool;
let settings: Record<string, string>;
before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log: testLog });
  settings = { DATABASE_URL: database.url, POSTERN_SECRET: testSecret };
  await json([
    'resource',
    'add',
    '--uri',
    api,
    '--name',
    'API',
    '--scope',
    'read=See=all',
    '--scope',
    'write=Change',
  ]);
});
after(() => db.close());

const api = 'https://api.example.com';

/** Runs the binary as a process of its own, with nothing in its environment but these settings. */
async function postern(
  argv: string[],
  { env = settings, input = '' }: { env?: Record<string, string>; input?: string } = {},
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [inRoot('bin/start.js'), ...argv], { env });
  child.stdin.on('error', () => undefined).end(input);
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { exitCode, stdout, stderr };
}

/** Runs a command as at a terminal, where each prompt is answered when it appears. */
async function typed(
  argv: string[],
  answers: Record<string, string>,
): Promise<{ exitCode: number; talk: string }> {
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  let talk = '';
  const screen = new Writable({
    write(chunk, _encoding, done) {
      talk += chunk;
      const answer = answers[String(chunk)];
      if (answer !== undefined) keyboard.write(`${answer}\r`);
      done();
    },
  });
  const exitCode = await runCli({
    argv,
    env: settings,
    stdin: keyboard,
    stdout: capture().stream,
    stderr: Object.assign(screen, { isTTY: true }),
  });
  return { exitCode, talk };
}

/** The data that a command prints as JSON; it must succeed. In this process, which is faster. */
async function json(argv: string[], { env = settings, input = '' }: Parameters<typeof postern>[1] = {}) {
  const stdout = capture();
  const stderr = capture();
  const streams = { stdin: Readable.from([input]), stdout: stdout.stream, stderr: stderr.stream };
  const exitCode = await runCli({ argv: [...argv, '--json'], env, ...streams });
  assert.equal(exitCode, 0, stderr.text());
  return JSON.parse(stdout.text());
}

const machine = ['--grant', 'client_credentials', '--allow', `${api}=read write`, '--name', 'Machine'];

test('resources are listed with what their scopes mean', async () => {
  const [resource] = await json(['resource', 'list']);
  assert.equal(resource.resource, api);
  assert.deepEqual(resource.scopes, { read: 'See=all', write: 'Change' });
  const again = await postern(['resource', 'add', '--uri', api, '--name', 'API']);
  assert.deepEqual([again.exitCode, again.stdout], [1, '']);
  assert.match(again.stderr, /There is a resource https:\/\/api\.example\.com already/);
});

test('a client that was added by flags works with the secret that was printed once', async () => {
  const added = await postern([
    'client',
    'add',
    '--id',
    'by-flags',
    ...machine,
    '--access-token-lifetime',
    '15m',
  ]);
  assert.equal(added.exitCode, 0, added.stderr);
  const secret = /^client_secret {2}(\S+)$/m.exec(added.stdout)?.[1] ?? '';
  assert.match(added.stderr, /Keep the secret now/);
  const client = await getClient(db, 'by-flags');
  assert.equal(hasSecret(client, secret), true);
  assert.equal(client.accessTokenSeconds, 900);
  assert.deepEqual(client.allowed, { [api]: ['read', 'write'] });
  const shown = await postern(['client', 'show', 'by-flags']);
  assert.equal(shown.stdout.includes(secret), false);
});

test('the same registration comes from a file, from stdin and by flags', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-admin-'));
  t.after(() => rm(folder, { recursive: true }));
  const registration = {
    client_id: 'cli',
    client_name: 'CLI',
    publisher: 'Example Ltd',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    default_resource: api,
    resources: { [api]: ['read'] },
    audiences: [],
    access_token_lifetime: 3600,
    refresh_token_lifetime: 2_592_000,
    device_code_lifetime: 300,
    dpop_bound_access_tokens: true,
    require_dpop_nonce: true,
    verification_uri_complete: false,
    number_matching: true,
    same_network: true,
    step_up_scopes: ['offline_access', 'read'],
    tls_client_certificate_bound_access_tokens: false,
  };
  const file = join(folder, 'cli.json');
  await writeFile(file, JSON.stringify(registration));
  const flags = ['--id', 'cli', '--name', 'CLI', '--publisher', 'Example Ltd', '--auth', 'none'];
  flags.push('--grant', 'device_code', '--grant', 'refresh_token', '--allow', `${api}=read`);
  flags.push('--dpop', '--dpop-nonce', '--typed-codes');
  flags.push('--number-matching', '--same-network', '--step-up', 'read', '--step-up', 'offline_access');
  flags.push(
    '--access-token-lifetime',
    '1h',
    '--refresh-token-lifetime',
    '30d',
    '--device-code-lifetime',
    '300',
  );
  for (const [source, input] of [
    [['--file', file]],
    [['--file', '-'], JSON.stringify(registration)],
    [flags],
  ] as const) {
    const { secrets, created_at, ...rest } = await json(['client', 'add', ...source], { input: input ?? '' });
    assert.deepEqual(rest, registration);
    assert.deepEqual(secrets, []);
    assert.equal((await postern(['client', 'remove', 'cli', '--yes'])).exitCode, 0);
  }
});

test('every wrong flag is named at once, with the exit code for usage', async () => {
  const wrong = await postern([
    ...['client', 'add', '--id', 'two words', '--auth', 'none', '--grant', 'client_credentials'],
    ...['--allow', 'read', '--access-token-lifetime', 'soon'],
  ]);
  assert.deepEqual([wrong.exitCode, wrong.stdout], [2, '']);
  for (const flag of ['--id:', '--name:', '--auth:', '--allow read:', '--access-token-lifetime:']) {
    assert.ok(wrong.stderr.includes(`  ${flag}`), `${flag} in ${wrong.stderr}`);
  }
});

test('a file is refused with the fields by name, beside flags, or where it is no JSON', async () => {
  const unknown = await postern(['client', 'add', '--file', '-'], {
    input: '{"client_id":"x","redirect_uris":[]}',
  });
  assert.equal(unknown.exitCode, 2);
  assert.match(unknown.stderr, /client_name: write.*\n {2}redirect_uris: not known here/s);
  for (const [argv, input] of [
    [['--file', '-', '--id', 'x'], '{}'],
    [['--file', '-'], '{'],
    [['--file', '/nowhere/client.json'], ''],
  ] as const) {
    assert.equal((await postern(['client', 'add', ...argv], { input })).exitCode, 2);
  }
});

test('what is taken or unknown is a failure that says so', async () => {
  await json(['client', 'add', '--id', 'taken', ...machine]);
  const taken = await postern(['client', 'add', '--id', 'taken', ...machine]);
  assert.deepEqual([taken.exitCode, taken.stdout], [1, '']);
  assert.match(taken.stderr, /There is a client taken already/);
  const lost = await postern([
    'client',
    'add',
    '--id',
    'lost',
    ...machine,
    '--allow',
    'https://no.example=read',
  ]);
  assert.equal(lost.exitCode, 1);
  assert.match(lost.stderr, /no resource https:\/\/no\.example/);
  assert.equal((await postern(['client', 'show', 'lost'])).exitCode, 1);
});

test('a secret is rotated, a third one only by force', async () => {
  const { client_secret: first } = await json(['client', 'add', '--id', 'rotated', ...machine]);
  const rotated = await json(['client', 'rotate-secret', 'rotated', '--overlap', '15m']);
  const client = await getClient(db, 'rotated');
  assert.deepEqual([hasSecret(client, first), hasSecret(client, rotated.client_secret)], [true, true]);
  assert.equal(rotated.previous_expires_at, client.secrets[0]?.expiresAt?.toISOString());
  const third = await postern(['client', 'rotate-secret', 'rotated']);
  assert.equal(third.exitCode, 1);
  assert.match(third.stderr, /--force ends it now/);
  const forced = await json(['client', 'rotate-secret', 'rotated', '--force', '--overlap', '0']);
  const { secrets } = await getClient(db, 'rotated');
  assert.equal(secrets.length, 1);
  assert.equal(hasSecret(await getClient(db, 'rotated'), forced.client_secret), true);
  assert.equal((await postern(['client', 'rotate-secret', 'rotated', '--overlap', 'long'])).exitCode, 2);
});

test('a client is disabled, enabled and listed with its state', async () => {
  await json(['client', 'add', '--id', 'switched', ...machine]);
  assert.equal((await postern(['client', 'disable', 'switched'])).exitCode, 0);
  const listed = async () =>
    (await json(['client', 'list'])).find(({ client_id }: { client_id: string }) => client_id === 'switched');
  assert.ok((await listed()).disabled_at);
  assert.match((await postern(['client', 'list'])).stdout, /^switched .* disabled$/m);
  assert.equal((await postern(['client', 'enable', 'switched'])).exitCode, 0);
  assert.equal((await listed()).disabled_at, undefined);
  assert.equal((await postern(['client', 'disable', 'unheard-of'])).exitCode, 1);
});

test('nothing is removed without a yes', async () => {
  await json(['client', 'add', '--id', 'precious', ...machine]);
  const refused = await postern(['client', 'remove', 'precious']);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /--yes/);
  assert.ok(await findClient(db, 'precious'));
  assert.equal((await postern(['client', 'remove', 'precious', '--yes'])).exitCode, 0);
  assert.equal(await findClient(db, 'precious'), undefined);
});

test('a password comes from stdin without its line end, and is never shown', async () => {
  const password = 'purple otters climb 7 ladders';
  const input = `${password}\r\n`;
  const added = await postern(['user', 'add', 'ada@example.com', '--password-stdin'], { input });
  assert.equal(added.exitCode, 0, added.stderr);
  assert.equal(`${added.stdout}${added.stderr}`.includes(password), false);
  const user = await findUserByEmail(db, 'ada@example.com');
  assert.equal(await verifyPassword(user?.passwordHash, password), true);
  const again = await postern(['user', 'add', 'ADA@example.com', '--password-stdin'], { input });
  assert.deepEqual([again.exitCode, again.stdout], [1, '']);
});

test('a generated password is printed and works; the next one replaces it', async () => {
  const { password } = await json(['user', 'add', 'bob@example.com', '--generate']);
  const { password: next } = await json(['user', 'set-password', 'bob@example.com', '--generate']);
  const user = await findUserByEmail(db, 'bob@example.com');
  assert.equal(await verifyPassword(user?.passwordHash, password), false);
  assert.equal(await verifyPassword(user?.passwordHash, next), true);
});

test('at a terminal the password is asked for twice, without an echo', async () => {
  const password = 'purple otters climb 7 ladders';
  const argv = ['user', 'add', 'eve@example.com'];
  const differing = await typed(argv, { 'New password: ': password, 'Once more: ': `${password}!` });
  assert.equal(differing.exitCode, 1);
  assert.equal(await findUserByEmail(db, 'eve@example.com'), undefined);
  const added = await typed(argv, { 'New password: ': password, 'Once more: ': password });
  assert.equal(added.exitCode, 0, added.talk);
  assert.equal(added.talk.includes(password), false);
  const user = await findUserByEmail(db, 'eve@example.com');
  assert.equal(await verifyPassword(user?.passwordHash, password), true);
});

test('at a terminal a removal is asked about, and only the id is a yes', async () => {
  await json(['client', 'add', '--id', 'asked', ...machine]);
  const argv = ['client', 'remove', 'asked'];
  const prompt = 'Not shown while you type: ';
  assert.equal((await typed(argv, { [prompt]: 'y' })).exitCode, 1);
  assert.ok(await findClient(db, 'asked'));
  assert.equal((await typed(argv, { [prompt]: 'asked' })).exitCode, 0);
  assert.equal(await findClient(db, 'asked'), undefined);
});

test('a password that will not do is refused with the reason, and nobody is added', async () => {
  for (const [input, reason] of [
    ['short', /at least 15 characters/],
    ['carol carol carol carol', /easy to guess/],
    ['two lines of a\nlonger password', /control character/],
  ] as const) {
    const refused = await postern(['user', 'add', 'carol@example.com', '--password-stdin'], { input });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, reason);
  }
  assert.equal(await findUserByEmail(db, 'carol@example.com'), undefined);
  const unasked = await postern(['user', 'add', 'carol@example.com']);
  assert.equal(unasked.exitCode, 2);
  assert.match(unasked.stderr, /--password-stdin or --generate/);
});

test('a person is disabled, enabled and listed with the state', async () => {
  await json(['user', 'add', 'dora@example.com', '--generate']);
  assert.equal((await postern(['user', 'disable', 'Dora@example.com'])).exitCode, 0);
  assert.match((await postern(['user', 'list'])).stdout, /^dora@example\.com .* disabled$/m);
  assert.equal((await postern(['user', 'enable', 'dora@example.com'])).exitCode, 0);
  const users = await json(['user', 'list']);
  const dora = users.find(({ email }: { email: string }) => email === 'dora@example.com');
  assert.deepEqual(Object.keys(dora), ['id', 'email', 'created_at']);
  assert.equal((await postern(['user', 'disable', 'nobody@example.com'])).exitCode, 1);
});

test('without a database the settings that are missing are named, with the exit code for configuration', async () => {
  const outcome = await postern(['client', 'list'], { env: {} });
  assert.equal(outcome.exitCode, 78);
  assert.match(outcome.stderr, /DATABASE_URL: set/);
  const away = await postern(['client', 'list'], { env: { DATABASE_URL: 'postgres://127.0.0.1:1/none' } });
  assert.equal(away.exitCode, 1);
  assert.match(away.stderr, /temporarily unavailable \(ECONNREFUSED\)/);
});

test('a database that PostgreSQL does not know, or not for this user, is a setting that is wrong', async () => {
  for (const [part, text, code] of [
    ['pathname', '/nowhere', '3D000'],
    ['username', 'nobody_at_all', '28...'],
  ] as const) {
    const url = new URL(database.url);
    url[part] = text;
    const outcome = await postern(['client', 'list'], { env: { DATABASE_URL: url.href } });
    assert.equal(outcome.exitCode, 78);
    assert.match(outcome.stderr, new RegExp(`\\n {2}DATABASE_URL: write .* knows \\(${code}\\)\n$`));
  }
});

test('a command asks for the migrations that are pending; migrate applies them', async (t) => {
  const behind = new URL(database.url);
  behind.pathname += '_behind';
  const name = sql.identifier(behind.pathname.slice(1));
  await db.query(sql`create database ${name}`);
  t.after(() => db.query(sql`drop database ${name}`));
  const env = { DATABASE_URL: behind.href };
  const refused = await postern(['client', 'list'], { env });
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /run postern migrate first/);
  const status = await postern(['migrate', 'status'], { env });
  assert.equal(status.exitCode, 1);
  assert.match(status.stdout, /^0001_users +pending$/m);
  const { applied } = await json(['migrate'], { env });
  assert.ok(applied.includes('0001_users'));
  assert.deepEqual(await json(['migrate', 'status'], { env }), { applied, pending: [] });
  assert.deepEqual(await json(['migrate', 'up'], { env }), { applied: [] });
  assert.deepEqual(await json(['client', 'list'], { env }), []);
});

test('in development commands share the database of one another, and leave no server behind', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-admin-'));
  t.after(() => rm(folder, { recursive: true }));
  const env = { POSTERN_MODE: 'development', POSTERN_DATA: folder, PATH: process.env.PATH ?? '' };
  const uris = ['https://a.example', 'https://b.example', 'https://c.example'];
  const added = await Promise.all(
    uris.map((uri) => postern(['resource', 'add', '--uri', uri, '--name', 'API'], { env })),
  );
  assert.deepEqual(
    added.map(({ exitCode }) => exitCode),
    [0, 0, 0],
  );
  const listed = await json(['resource', 'list'], { env });
  assert.deepEqual(
    listed.map(({ resource }: { resource: string }) => resource),
    uris,
  );
  assert.equal(existsSync(join(folder, 'postgres', 'data', 'postmaster.pid')), false);
});

test('every command explains itself without a database', async () => {
  for (const command of ['client', 'user', 'resource', 'migrate']) {
    const { exitCode, stdout } = await runCommand([command, '--help']);
    assert.equal(exitCode, 0);
    assert.match(stdout, new RegExp(`^Usage: postern ${command}`));
  }
});
