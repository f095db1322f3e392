import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openCredentials } from '../../src/cli/credentials.ts';
import { introspect, revoke } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { inHome, signInByCommand } from './signed-in.ts';
import { makeHome, runCommand } from './terminal.ts';

let server: TestServer;

const api = { 'https://api.example.com': ['read'] };

// Each login waits out the interval of its first poll, so they wait together.
describe('the sign-in for the management API', { concurrency: true }, () => {
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  it('is kept beside the ordinary one, and one logout ends both', async (t) => {
    const ordinary = await signInByCommand(t, server.issuer);
    const token = await ordinary.read('token');
    const { env, read, run } = await signInByCommand(t, server.issuer, {
      env: ordinary.env,
      flags: ['--manage'],
    });
    assert.equal(await read('token'), token);
    const other = await read('token', '--resource', `${server.issuer}/api`);
    assert.notEqual(other, token);
    const me = JSON.parse(await read('me', '--json'));
    assert.equal(me.email, 'demo@example.com');
    assert.equal(me.presented, 'access_token');
    assert.ok(me.permissions[`${server.issuer}/api`].includes('tokens:manage'));
    assert.deepEqual((await openCredentials(env).listAt(server.issuer)).length, 2);

    assert.equal((await run('logout')).exitCode, 0);
    assert.deepEqual(await openCredentials(env).listIssuers(), []);
    assert.equal((await introspect(server.issuer, token)).body.active, false);
    assert.equal((await run('me')).exitCode, 4);
    const call = await fetch(`${server.issuer}/api/v1/users/me`, {
      headers: { authorization: `Bearer ${other}` },
    });
    assert.equal(call.status, 401);
  });

  it('is a bearer token where somebody wants that', async (t) => {
    const { read } = await signInByCommand(t, server.issuer, { flags: ['--manage', '--no-dpop'] });
    assert.match(await read('me'), /^email +demo@example\.com$/m);
  });

  it('is renewed where the server does not take its token any more, and is forgotten where that is refused', async (t) => {
    const { env, read, run } = await signInByCommand(t, server.issuer, { flags: ['--manage'] });
    const credentials = openCredentials(env);
    const account = await credentials.find({ manages: true });
    assert.ok(account);
    await revoke(server.issuer, account.access_token);
    assert.match(await read('me'), /demo@example\.com/);
    const renewed = await credentials.find({ manages: true });
    assert.notEqual(renewed?.access_token, account.access_token);

    await revoke(server.issuer, renewed?.refresh_token ?? '');
    const { exitCode, stdout, stderr } = await run('tokens', 'list');
    assert.deepEqual([exitCode, stdout], [4, '']);
    assert.equal(
      stderr,
      `postern: Not signed in: the sign-in to ${server.issuer} has ended, run postern login --issuer ${server.issuer} --manage\n`,
    );
    assert.deepEqual(await credentials.listIssuers(), []);
  });

  it('is missed with what to type, also where somebody is signed in for something else', async (t) => {
    const home = await makeHome(t);
    const nobody = await runCommand(['tokens', 'list'], { env: home });
    assert.deepEqual(nobody, {
      exitCode: 4,
      stdout: '',
      stderr: 'postern: Not signed in for managing: run postern login --manage\n',
    });
    const { run } = await signInByCommand(t, server.issuer);
    const elsewhere = await run('members', 'list');
    assert.equal(elsewhere.exitCode, 4);
    assert.equal(
      elsewhere.stderr,
      `postern: Not signed in to ${server.issuer} for managing: run postern login --issuer ${server.issuer} --manage\n`,
    );
  });

  it('gives way to the API token in POSTERN_TOKEN, which goes to no server that nobody has named', async (t) => {
    const { env, read } = await signInByCommand(t, server.issuer, { flags: ['--manage'] });
    const [[uri, scopes]] = Object.entries(api) as [[string, string[]]];
    const permissions = [
      '--permission',
      `${uri}=${scopes.join(' ')}`,
      '--permission',
      `${server.issuer}/api=tokens:read`,
    ];
    const value = await read('tokens', 'create', 'CI', ...permissions);
    const ci = inHome({ ...env, POSTERN_TOKEN: value });
    const me = await ci.json('me');
    assert.equal(me.presented, 'api_token');
    assert.deepEqual(me.permissions, { ...api, [`${server.issuer}/api`]: ['tokens:read'] });

    const [listed] = await ci.json('tokens', 'list');
    assert.equal(listed.name, 'CI');
    const forbidden = await ci.run('tokens', 'disable', 'CI');
    assert.equal(forbidden.exitCode, 1);
    assert.equal(forbidden.stderr, 'postern: This needs the permission tokens:write\n');

    const wrong = await inHome({ ...env, POSTERN_TOKEN: `${value}x` }).run('me');
    assert.equal(wrong.exitCode, 4);
    assert.match(wrong.stderr, /^postern: Not signed in: http.* does not take the token in POSTERN_TOKEN\n$/);
    const homeless = await inHome({ ...env, POSTERN_TOKEN: value, POSTERN_ISSUER: undefined }).run('me');
    assert.equal(homeless.exitCode, 2);
    const garbage = await inHome({ ...env, POSTERN_TOKEN: 'two\nlines' }).run('me');
    assert.equal(garbage.exitCode, 78);
    assert.doesNotMatch(garbage.stderr, /two/);
  });
});
