import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { demoApi, demoCli, demoMachine, demoUser } from '../../src/development.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

// All that is not as any program would write it: plain http on the loopback is allowed.
const insecure = { [oauth.allowInsecureRequests]: true };

const machine: oauth.Client = { client_id: demoMachine.id };
const cli: oauth.Client = { client_id: demoCli.id };
const api: oauth.Client = { client_id: demoApi.id };

const authentications = {
  client_secret_basic: oauth.ClientSecretBasic,
  client_secret_post: oauth.ClientSecretPost,
};

async function discover(algorithm: 'oauth2' | 'oidc' = 'oauth2'): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(server.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm, ...insecure });
  return await oauth.processDiscoveryResponse(issuer, response);
}

async function introspect(as: oauth.AuthorizationServer, token: string) {
  const authentication = oauth.ClientSecretBasic(demoApi.secret);
  const response = await oauth.introspectionRequest(as, api, authentication, token, insecure);
  return await oauth.processIntrospectionResponse(as, api, response);
}

async function requestMachineToken(
  as: oauth.AuthorizationServer,
  authentication: oauth.ClientAuth,
  scope: string,
) {
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    machine,
    authentication,
    { scope },
    insecure,
  );
  return await oauth.processClientCredentialsResponse(as, machine, response);
}

async function redeem(as: oauth.AuthorizationServer, deviceCode: string) {
  const response = await oauth.deviceCodeGrantRequest(as, cli, oauth.None(), deviceCode, insecure);
  return await oauth.processDeviceCodeResponse(as, cli, response);
}

/** A request that is made again where the server first gives a nonce, as the library's manual has it. */
async function withNonce<T>(request: () => Promise<T>): Promise<T> {
  return await request().catch((error) => {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return request();
  });
}

describe('oauth4webapi', () => {
  it('discovers the server at both places', async () => {
    const metadata = await discover();
    assert.equal(metadata.issuer, server.issuer);
    assert.deepEqual(await discover('oidc'), metadata);
  });

  for (const [method, authentication] of Object.entries(authentications)) {
    it(`gets a machine token with ${method}, has it introspected, and revokes it`, async () => {
      const as = await discover();
      const tokens = await requestMachineToken(as, authentication(demoMachine.secret), 'read');
      assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.scope], ['bearer', 3600, 'read']);
      const seen = await introspect(as, tokens.access_token);
      assert.deepEqual([seen.active, seen.client_id, seen.iss], [true, demoMachine.id, server.issuer]);

      const response = await oauth.revocationRequest(
        as,
        machine,
        authentication(demoMachine.secret),
        tokens.access_token,
        insecure,
      );
      await oauth.processRevocationResponse(response);
      assert.equal((await introspect(as, tokens.access_token)).active, false);
    });
  }

  it('logs a person in on a device, refreshes, and ends it', async () => {
    const as = await discover();
    const scope = { scope: 'read write offline_access' };
    const asked = await oauth.deviceAuthorizationRequest(as, cli, oauth.None(), scope, insecure);
    const device = await oauth.processDeviceAuthorizationResponse(as, cli, asked);
    assert.equal(device.interval, 5);
    await assert.rejects(redeem(as, device.device_code), { error: 'authorization_pending' });

    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const tokens = await redeem(as, device.device_code);
    assert.equal((await introspect(as, tokens.access_token)).username, demoUser.email);
    assert.ok(tokens.refresh_token);

    const renewal = await oauth.refreshTokenGrantRequest(
      as,
      cli,
      oauth.None(),
      tokens.refresh_token,
      insecure,
    );
    const renewed = await oauth.processRefreshTokenResponse(as, cli, renewal);
    assert.ok(renewed.refresh_token);
    assert.equal((await introspect(as, renewed.access_token)).active, true);

    const ending = await oauth.revocationRequest(as, cli, oauth.None(), renewed.refresh_token, insecure);
    await oauth.processRevocationResponse(ending);
    for (const token of [tokens.access_token, renewed.access_token]) {
      assert.equal((await introspect(as, token)).active, false);
    }
  });

  it('binds a device code from the first request, and every token, with nonces that the server demands', async () => {
    const as = await discover();
    const bound = { dpopBoundAccessTokens: true, requireDpopNonce: true };
    const registered = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      ...bound,
    });
    const own: oauth.Client = { client_id: registered.id };
    const DPoP = oauth.DPoP(own, await oauth.generateKeyPair('ES256'));
    const options = { DPoP, ...insecure };
    const dpop_jkt = await DPoP.calculateThumbprint();
    const scope = { scope: 'read offline_access', dpop_jkt };
    const asked = await oauth.deviceAuthorizationRequest(as, own, oauth.None(), scope, insecure);
    const device = await oauth.processDeviceAuthorizationResponse(as, own, asked);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');

    const redeemBound = async (handle: oauth.DPoPHandle) => {
      const redemption = { ...insecure, DPoP: handle };
      const response = await oauth.deviceCodeGrantRequest(
        as,
        own,
        oauth.None(),
        device.device_code,
        redemption,
      );
      return await oauth.processDeviceCodeResponse(as, own, response);
    };
    const thief = oauth.DPoP(own, await oauth.generateKeyPair('ES256'));
    await assert.rejects(
      withNonce(() => redeemBound(thief)),
      { error: 'invalid_grant' },
    );
    const tokens = await withNonce(() => redeemBound(DPoP));
    const response = await oauth.refreshTokenGrantRequest(
      as,
      own,
      oauth.None(),
      tokens.refresh_token ?? '',
      options,
    );
    const renewed = await oauth.processRefreshTokenResponse(as, own, response);
    for (const { token_type, access_token } of [tokens, renewed]) {
      assert.equal(token_type, 'dpop');
      assert.deepEqual((await introspect(as, access_token)).cnf, { jkt: dpop_jkt });
    }
  });

  it('gets a bound token for a machine', async () => {
    const as = await discover();
    const DPoP = oauth.DPoP(machine, await oauth.generateKeyPair('Ed25519'));
    const authentication = oauth.ClientSecretBasic(demoMachine.secret);
    const options = { DPoP, ...insecure };
    const response = await oauth.clientCredentialsGrantRequest(as, machine, authentication, {}, options);
    const tokens = await oauth.processClientCredentialsResponse(as, machine, response);
    const { cnf } = await introspect(as, tokens.access_token);
    assert.deepEqual(cnf, { jkt: await DPoP.calculateThumbprint() });
  });

  it('understands every refusal', async () => {
    const as = await discover();
    await assert.rejects(requestMachineToken(as, oauth.ClientSecretBasic(demoMachine.secret), 'admin'), {
      error: 'invalid_scope',
      status: 400,
    });
    await assert.rejects(requestMachineToken(as, oauth.ClientSecretPost('wrong'), 'read'), { status: 401 });
  });
});
