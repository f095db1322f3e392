import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { inHome } from '../cli/signed-in.ts';
import { makeHome } from '../cli/terminal.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const resource = 'https://jobs.example.com';

let server: TestServer;
before(async () => {
  server = await startServer({});
});
after(() => server.stop());

describe('B. A cloud-native manager: Get Token under the avatar', () => {
  it('downloads auth.json with a JWT that calls the API, and that every command reads', async (t) => {
    const { issuer } = server;
    const person = createPerson(issuer);
    const account = await person.signIn();
    assert.match(account.html, /id="account-menu"[\s\S]*href="\/account\/get-token"/);
    await person.open('/account/get-token');
    const download = await person.submit('/account/get-token', { resource });
    const headers = person.hops.at(-1)?.headers;
    assert.equal(headers?.get('content-disposition'), 'attachment; filename="auth.json"');
    assert.equal(headers?.get('cache-control'), 'no-store');
    const file = JSON.parse(download.html);
    assert.deepEqual(Object.keys(file), ['issuer', 'token_type', 'access_token', 'expires_at', 'scope']);

    const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(file.access_token, keys, { issuer, audience: resource });
    assert.equal(payload.scope, 'run');

    const env = await makeHome(t);
    const path = join(env.HOME ?? '', 'auth.json');
    await writeFile(path, download.html, { mode: 0o600 });
    const home = inHome(env);
    assert.equal(await home.read('token', '--file', path), file.access_token);
    assert.match(await home.read('whoami', '--file', path), /scopes {2}run/);

    // Whoever signs it out in the browser ends it.
    await person.open('/account/devices/all');
    await person.submit('/account/devices/all', {});
    const { html } = await person.open('/account/devices');
    assert.match(html, /class="empty"/);
  });

  it('gives nothing for an API that its person may do nothing at', async () => {
    const person = createPerson(server.issuer);
    await person.signIn();
    await person.open('/account/get-token');
    const refused = await person.submit('/account/get-token', { resource: 'https://nowhere.example' });
    assert.equal(refused.status, 400);
    assert.match(refused.html, /there is no such API/);
  });
});
