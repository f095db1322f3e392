import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { addResource } from '../../src/resources/resource.ts';
import { issueInitialAccessToken } from '../support/dynamic-client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let initialAccessToken: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_REGISTRATION: 'on' } });
  initialAccessToken = await issueInitialAccessToken(server.db);
});
after(() => server.stop());

const insecure = { [oauth.allowInsecureRequests]: true };
const metadata = { client_name: 'Interop', grant_types: ['client_credentials'], scope: 'read' };

describe('openid-client', () => {
  for (const authentication of [client.ClientSecretBasic, client.ClientSecretPost]) {
    it(`registers itself and gets a token with ${authentication.name}`, async () => {
      const configuration = await client.dynamicClientRegistration(
        new URL(server.issuer),
        metadata,
        undefined,
        { initialAccessToken, algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
      );
      const { client_id, client_secret } = configuration.clientMetadata();
      assert.match(client_id, /^client-/);
      const again = new client.Configuration(
        configuration.serverMetadata(),
        client_id,
        undefined,
        authentication(String(client_secret)),
      );
      for (const each of [configuration, again]) {
        client.allowInsecureRequests(each);
        const tokens = await client.clientCredentialsGrant(each);
        assert.equal(tokens.scope, 'read');
      }
    });
  }

  it('hears why it was refused', async () => {
    const options = { initialAccessToken, execute: [client.allowInsecureRequests] };
    const refused = client.dynamicClientRegistration(
      new URL(server.issuer),
      { ...metadata, redirect_uris: ['https://client.example.com/callback'] },
      undefined,
      options,
    );
    await assert.rejects(refused, { error: 'invalid_redirect_uri', status: 400 });
    const strange = { ...options, initialAccessToken: 'x' };
    await assert.rejects(
      client.dynamicClientRegistration(new URL(server.issuer), metadata, undefined, strange),
      (error: client.WWWAuthenticateChallengeError) => {
        const [challenge] = error.cause;
        return challenge?.scheme === 'bearer' && challenge.parameters.error === 'invalid_token';
      },
    );
  });
});

describe('oauth4webapi', () => {
  it('finds the server from the API alone, registers itself there, and manages that', async () => {
    const api = new URL('/example', server.issuer);
    await addResource(server.db, { uri: api.href, name: 'Local API', scopes: { read: 'See it' } });
    const found = await oauth.resourceDiscoveryRequest(api, insecure);
    const { authorization_servers, resource } = await oauth.processResourceDiscoveryResponse(api, found);
    const issuer = new URL(authorization_servers?.[0] ?? '');
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    const as = await oauth.processDiscoveryResponse(issuer, discovered);

    const policy = {
      authenticationMethods: ['client_secret_basic' as const],
      grantTypes: ['client_credentials' as const],
      allowed: { [resource]: ['read'] },
    };
    const initial = await issueInitialAccessToken(server.db, { policy });
    const response = await oauth.dynamicClientRegistrationRequest(as, metadata, {
      initialAccessToken: initial,
      ...insecure,
    });
    const registered = await oauth.processDynamicClientRegistrationResponse(response);

    const authentication = oauth.ClientSecretBasic(String(registered.client_secret));
    const granted = await oauth.clientCredentialsGrantRequest(as, registered, authentication, {}, insecure);
    const tokens = await oauth.processClientCredentialsResponse(as, registered, granted);
    assert.equal(tokens.scope, 'read');

    const management = new URL(String(registered.registration_client_uri));
    const access = String(registered.registration_access_token);
    const manage = (method: string) =>
      oauth.protectedResourceRequest(access, method, management, undefined, null, insecure);
    const read = (await (await manage('GET')).json()) as oauth.Client;
    assert.equal(read.client_id, registered.client_id);
    assert.equal((await manage('DELETE')).status, 204);
  });
});
