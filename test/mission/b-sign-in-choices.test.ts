import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  registerProvider,
  signInAt,
  startIdentityProvider,
  type TestProvider,
} from '../support/identity-provider.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let provider: TestProvider;
before(async () => {
  server = await startServer();
  provider = await startIdentityProvider([`${server.issuer}/sign-in/callback/acme`]);
  await registerProvider(server, provider, { domains: ['acme.example'] });
});
after(async () => {
  await provider.stop();
  await server.stop();
});

describe('the sign-in', () => {
  it('is decided by the identity provider that is chosen from a page that lists them', async () => {
    const { html } = await createPerson(server.issuer).open('/sign-in');
    assert.match(html, /Acme Accounts/);
    assert.match(html, /email and password/);
    provider.person = { sub: 'wile', email: 'wile@acme.example', email_verified: true };
    assert.match((await signInAt(createPerson(server.issuer), 'acme')).html, /wile@acme\.example/);
    assert.match((await createPerson(server.issuer).signIn()).html, /demo@example\.com/);
  });
});
