import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { runCli } from '../../src/cli/program.ts';
import { createTokenFormat } from '../../src/secret.ts';
import { findFreePort } from '../support/port.ts';
import { makeHome, runCommand } from './terminal.ts';

test('the help names every command, on stdout', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['--help']);
  assert.equal(exitCode, 0);
  assert.equal(stderr, '');
  for (const name of [
    'login',
    'logout',
    'token',
    'whoami',
    'me',
    'tokens',
    'members',
    'policy',
    'sessions',
    'devices',
    'serve',
    'migrate',
    'client',
    'user',
    'resource',
    'keys',
    'secret',
  ]) {
    assert.match(stdout, new RegExp(`^ {2}${name}\\b`, 'm'));
  }
});

test('a bare call and an unknown command or flag are usage errors with a hint, on stderr', async () => {
  const bare = await runCommand([]);
  assert.equal(bare.exitCode, 2);
  assert.equal(bare.stdout, '');
  assert.match(bare.stderr, /Usage: postern/);
  const command = await runCommand(['tokne']);
  assert.equal(command.exitCode, 2);
  assert.equal(command.stdout, '');
  assert.match(
    command.stderr,
    /^postern: unknown command 'tokne'\n\(Did you mean token\?\)\nTry: postern --help\n$/,
  );
  const flag = await runCommand(['token', '--jsn']);
  assert.equal(flag.exitCode, 2);
  assert.match(flag.stderr, /^postern: unknown option '--jsn'\n\(Did you mean --json\?\)/);
});

test('the names of JavaScript are no commands', async () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    assert.equal((await runCommand([name])).exitCode, 2, name);
  }
});

test('an issuer that is no address, or is not encrypted, is a usage error, and as a setting a configuration error', async (t) => {
  const env = await makeHome(t);
  for (const issuer of [
    'auth.example',
    'ftp://auth.example',
    'http://auth.example',
    'https://auth.example/?x=1',
  ]) {
    const { exitCode, stderr } = await runCommand(['login', '--issuer', issuer], { env });
    assert.equal(exitCode, 2, issuer);
    assert.match(stderr, /^postern: --issuer "/);
    const setting = await runCommand(['token'], { env: { ...env, POSTERN_ISSUER: issuer } });
    assert.equal(setting.exitCode, 78, issuer);
    assert.match(setting.stderr, /^postern: POSTERN_ISSUER is "/);
  }
});

test('a token that was pasted where a name belongs is refused before anybody sees it', async (t) => {
  const env = await makeHome(t);
  const own = createTokenFormat('pst').issue('api', new Date());
  const jwt = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(randomBytes(32));
  for (const token of [own, jwt])
    for (const [line, place, input] of [
      [['organization', 'add', `Acme ${token}`, '--administrator', 'ada@example.com'], 'NAME'],
      [['organization', 'add', 'Acme', '--administrator', token], '--administrator'],
      [['user', 'add', token, '--generate'], 'EMAIL'],
      [['client', 'add', '--id', 'acme', '--name', token], '--name'],
      [['client', 'add', '--id', 'acme', '--allow', 'https://a.test=read', token], '--allow'],
      [['client', 'add', '--file', '-'], 'The input', `{"client_name": "${token}"}`],
      [['resource', 'add', '--scope', `read=${token}`], '--scope'],
      [['initial-access-token', 'remove', token], 'NAME'],
      [['tokens', 'create', token], 'NAME'],
    ] as const) {
      const { exitCode, stdout, stderr } = await runCommand([...line], { env, input: input ?? '' });
      const advice = 'this looks like a token; never write one where it is shown';
      assert.deepEqual([exitCode, stdout, stderr], [2, '', `postern: ${place}: ${advice}\n`], line.join(' '));
    }
  const proof = await runCommand(['proof', 'GET', `https://api.example.com/?link=${jwt}`], { env });
  assert.equal(proof.exitCode, 4);
});

test('a login elsewhere needs a client to be named', async (t) => {
  const { exitCode, stderr } = await runCommand(['login', '--issuer', 'https://auth.example'], {
    env: await makeHome(t),
  });
  assert.equal(exitCode, 2);
  assert.match(stderr, /--client ID, or set POSTERN_CLIENT_ID/);
});

test('a login where nothing listens fails in one line', async (t) => {
  const issuer = `http://localhost:${await findFreePort()}`;
  const env = { ...(await makeHome(t)), POSTERN_ISSUER: issuer };
  const { exitCode, stderr } = await runCommand(['login'], { env });
  assert.equal(exitCode, 1);
  assert.equal(stderr, `postern: Cannot sign in to ${issuer}: nothing listens there\n`);
});

test('output that cannot be written is a failure, a reader that went away is none', async () => {
  const endings: Record<string, number> = { ENOSPC: 1, EPIPE: 0 };
  for (const [code, expected] of Object.entries(endings)) {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })),
    });
    const stdin = new PassThrough();
    assert.equal(
      await runCli({ argv: ['--help'], env: {}, stdin, stdout, stderr: new PassThrough() }),
      expected,
      code,
    );
  }
});
