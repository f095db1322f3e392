import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as client from 'openid-client';
import { demoApi, demoCli, demoMachine, demoUser } from '../../src/development.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** What any program would write; only plain http has to be allowed. */
function discover(
  clientId: string,
  authentication: client.ClientAuth,
  algorithm: 'oidc' | 'oauth2' = 'oauth2',
  issuer = server.issuer,
): Promise<client.Configuration> {
  return client.discovery(new URL(issuer), clientId, undefined, authentication, {
    algorithm,
    execute: [client.allowInsecureRequests],
  });
}

const boundWithNonces = { dpopBoundAccessTokens: true, requireDpopNonce: true };

const discoverApi = () => discover(demoApi.id, client.ClientSecretBasic(demoApi.secret));

/** Starts a device login, has somebody decide it, and waits for the tokens as the library does. */
async function logIn(
  configuration: client.Configuration,
  decision: 'allow' | 'deny',
  DPoP?: client.DPoPHandle,
) {
  const device = await client.initiateDeviceAuthorization(configuration, {
    scope: 'read write offline_access',
    ...(DPoP && { dpop_jkt: await DPoP.calculateThumbprint() }),
  });
  assert.equal(device.verification_uri, `${server.issuer}/device`);
  const person = createPerson(server.issuer);
  await person.enterCode(device.user_code);
  await person.decide(decision);
  // The library waits an interval before its first poll; for a test that would be long.
  const polled = { ...device, interval: 0 };
  return await client.pollDeviceAuthorizationGrant(configuration, polled, {}, DPoP && { DPoP });
}

describe('openid-client', () => {
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    it(`discovers the server at the place of ${algorithm}`, async () => {
      const configuration = await discover(demoCli.id, client.None(), algorithm);
      const metadata = configuration.serverMetadata();
      assert.equal(metadata.issuer, server.issuer);
      assert.equal(metadata.device_authorization_endpoint, `${server.issuer}/oauth/device_authorization`);
    });
  }

  for (const [method, authentication] of Object.entries({
    client_secret_basic: client.ClientSecretBasic,
    client_secret_post: client.ClientSecretPost,
  })) {
    it(`gets a machine token with ${method}, has it introspected, and revokes it`, async () => {
      const machine = await discover(demoMachine.id, authentication(demoMachine.secret));
      const tokens = await client.clientCredentialsGrant(machine, { scope: 'read' });
      assert.equal(tokens.token_type, 'bearer');
      assert.equal(tokens.expires_in, 3600);
      assert.equal(tokens.scope, 'read');

      const api = await discover(demoApi.id, authentication(demoApi.secret));
      const seen = await client.tokenIntrospection(api, tokens.access_token);
      assert.deepEqual([seen.active, seen.sub, seen.scope], [true, demoMachine.id, 'read']);
      await client.tokenRevocation(machine, tokens.access_token);
      assert.equal((await client.tokenIntrospection(api, tokens.access_token)).active, false);
    });
  }

  it('logs a person in on a device, refreshes, and ends it', async () => {
    const cli = await discover(demoCli.id, client.None());
    const api = await discoverApi();
    const tokens = await logIn(cli, 'allow');
    assert.equal(tokens.scope, 'read write');
    assert.equal((await client.tokenIntrospection(api, tokens.access_token)).username, demoUser.email);
    assert.ok(tokens.refresh_token);

    const renewed = await client.refreshTokenGrant(cli, tokens.refresh_token);
    assert.equal((await client.tokenIntrospection(api, renewed.access_token)).active, true);
    assert.ok(renewed.refresh_token);
    assert.equal((await client.tokenIntrospection(cli, renewed.refresh_token)).active, true);

    await client.tokenRevocation(cli, renewed.refresh_token, { token_type_hint: 'refresh_token' });
    assert.equal((await client.tokenIntrospection(api, renewed.access_token)).active, false);
    await assert.rejects(client.refreshTokenGrant(cli, renewed.refresh_token), { error: 'invalid_grant' });
  });

  it('gets bound tokens by every grant, with nonces that the server demands', async () => {
    const registered = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      ...boundWithNonces,
    });
    const cli = await discover(registered.id, client.None());
    const DPoP = client.getDPoPHandle(cli, await client.randomDPoPKeyPair());
    const jkt = await DPoP.calculateThumbprint();
    const tokens = await logIn(cli, 'allow', DPoP);
    assert.equal(tokens.token_type, 'dpop');
    const renewed = await client.refreshTokenGrant(cli, tokens.refresh_token ?? '', {}, { DPoP });
    const api = await discoverApi();
    for (const { access_token } of [tokens, renewed]) {
      assert.deepEqual((await client.tokenIntrospection(api, access_token)).cnf, { jkt });
    }
    await assert.rejects(client.refreshTokenGrant(cli, renewed.refresh_token ?? ''), {
      error: 'invalid_grant',
    });

    const { id, secret } = await registerClient(server.db, boundWithNonces);
    const machine = await discover(id, client.ClientSecretBasic(secret));
    const own = client.getDPoPHandle(machine, await client.randomDPoPKeyPair('EdDSA'));
    const token = await client.clientCredentialsGrant(machine, {}, { DPoP: own });
    assert.equal(token.token_type, 'dpop');
    await assert.rejects(client.clientCredentialsGrant(machine), { error: 'invalid_grant' });
  });

  it('hears that the person has denied', async () => {
    const cli = await discover(demoCli.id, client.None());
    await assert.rejects(logIn(cli, 'deny'), { error: 'access_denied' });
  });

  it('understands every refusal', async () => {
    const machine = await discover(demoMachine.id, client.ClientSecretBasic(demoMachine.secret));
    await assert.rejects(client.clientCredentialsGrant(machine, { scope: 'admin' }), {
      error: 'invalid_scope',
      status: 400,
    });
    // This library takes a 401 with a challenge for what RFC 9110 says it is.
    const stranger = await discover(demoMachine.id, client.ClientSecretBasic('wrong'));
    await assert.rejects(
      client.clientCredentialsGrant(stranger),
      (error: client.WWWAuthenticateChallengeError) => {
        assert.equal(error.status, 401);
        assert.deepEqual(
          error.cause.map(({ scheme, parameters }) => [scheme, parameters.realm]),
          [['basic', server.issuer]],
        );
        return true;
      },
    );
  });

  it('works with an issuer that has a path, at both places', async () => {
    const below = await startServer({ path: '/auth' });
    try {
      for (const algorithm of ['oauth2', 'oidc'] as const) {
        const authentication = client.ClientSecretBasic(demoMachine.secret);
        const machine = await discover(demoMachine.id, authentication, algorithm, below.issuer);
        assert.equal(machine.serverMetadata().issuer, below.issuer);
        assert.ok((await client.clientCredentialsGrant(machine)).access_token);
      }
    } finally {
      await below.stop();
    }
  });

  it('encodes ids and secrets as RFC 6749 section 2.3.1 says, and is understood', async () => {
    const odd = await registerClient(server.db, { id: 'odd+id%&/~', secret: 'a b+c%25:d&e=~*' });
    for (const authentication of [client.ClientSecretBasic, client.ClientSecretPost]) {
      const machine = await discover(odd.id, authentication(odd.secret));
      assert.ok((await client.clientCredentialsGrant(machine)).access_token);
    }
  });
});
