import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_SIGN_IN: 'none' } });
});
after(() => server.stop());

describe('the local provider “None”', () => {
  it('puts the server in single-user mode with no sign-in', async () => {
    const page = await createPerson(server.issuer).open('/account');
    assert.equal(page.status, 200);
    assert.match(page.html, /Single-user mode/);
    assert.doesNotMatch(page.html, /type="password"/);
  });

  it('is for a server that nobody else can reach', () => {
    const settings = { POSTERN_MODE: 'development', POSTERN_ISSUER: 'https://login.example.com' };
    assert.throws(() => loadConfig({ ...settings, POSTERN_SIGN_IN: 'none' }), { code: 'configuration' });
  });
});
