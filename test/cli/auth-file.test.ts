import assert from 'node:assert/strict';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { introspect } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { inHome, signInByCommand } from './signed-in.ts';
import { makeHome } from './terminal.ts';

let server: TestServer;
before(async () => {
  server = await startServer({});
});
after(() => server.stop());

describe('auth.json', { concurrency: true }, () => {
  it('is written by login with one bearer token in it, for its owner alone, and nothing else is kept', async (t) => {
    const env = { ...(await makeHome(t)), POSTERN_ISSUER: server.issuer };
    const path = join(env.HOME ?? '', 'auth.json');
    const flags = ['--file', path, '--resource', demoResource.uri];
    const { run } = await signInByCommand(t, server.issuer, { flags, env });
    const file = JSON.parse(await readFile(path, 'utf8'));
    assert.deepEqual(Object.keys(file), ['issuer', 'token_type', 'access_token', 'expires_at', 'scope']);
    assert.equal(file.issuer, server.issuer);
    assert.equal(file.token_type.toLowerCase(), 'bearer');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await introspect(server.issuer, file.access_token)).body.active, true);
    assert.equal((await run('token')).exitCode, 4);
    assert.equal((await run('token', '--file', path)).stdout.trim(), file.access_token);
    const { stdout: told } = await run('whoami', '--file', path);
    assert.match(told, /^not known: /);
    assert.match(told, new RegExp(`issuer {2}${server.issuer}`));
  });

  it('lets commands in at the management API, by flag or by POSTERN_AUTH_FILE', async (t) => {
    const env = { ...(await makeHome(t)), POSTERN_ISSUER: server.issuer };
    const path = join(env.HOME ?? '', 'auth.json');
    await signInByCommand(t, server.issuer, { flags: ['--file', path, '--manage'], env });
    const without = await inHome(env).run('tokens', 'list');
    assert.equal(without.exitCode, 4);
    assert.equal((await inHome(env).run('tokens', 'list', '--file', path)).exitCode, 0);
    const named = inHome({ ...env, POSTERN_AUTH_FILE: path, POSTERN_ISSUER: undefined });
    assert.equal((await named.json('me')).presented, 'access_token');
    await named.run('logout');
    await assert.rejects(stat(path));
  });

  it('that has expired, is damaged, or can be read by others is refused with what to do', async (t) => {
    const env = await makeHome(t);
    const path = join(env.HOME ?? '', 'auth.json');
    const home = inHome({ ...env, POSTERN_AUTH_FILE: path });
    const file = {
      issuer: 'https://auth.example',
      token_type: 'Bearer',
      access_token: 'pst_at_x',
      expires_at: '2020-01-01T00:00:00Z',
      scope: 'read',
    };
    const write = (content: unknown) => writeFile(path, JSON.stringify(content), { mode: 0o600 });
    await write(file);
    const expired = await home.run('token');
    assert.deepEqual([expired.exitCode, expired.stdout], [4, '']);
    assert.match(expired.stderr, /has ended, run postern login/);
    for (const damaged of [{}, [], { ...file, scope: 1 }, { ...file, expires_at: 'soon' }]) {
      await write(damaged);
      const { exitCode, stderr } = await home.run('token');
      assert.equal(exitCode, 78);
      assert.match(stderr, /is no auth\.json/);
    }
    await write({ ...file, expires_at: '2120-01-01T00:00:00Z' });
    assert.equal((await home.run('token')).stdout, 'pst_at_x\n');
    await chmod(path, 0o644);
    const open = await home.run('token');
    assert.equal(open.exitCode, 78);
    assert.match(open.stderr, /can be read by others: run: chmod 600/);
  });
});
