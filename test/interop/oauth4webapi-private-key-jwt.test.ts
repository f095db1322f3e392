import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { demoResource } from '../../src/development.ts';
import { type KeyHolder, registerKeyHolder } from '../support/assertion.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

// All that is not as any program would write it: plain http on the loopback is allowed.
const insecure = { [oauth.allowInsecureRequests]: true };

let server: TestServer;
let as: oauth.AuthorizationServer;
before(async () => {
  server = await startServer();
  const issuer = new URL(server.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  as = await oauth.processDiscoveryResponse(issuer, response);
});
after(() => server.stop());

const authenticationOf = ({ privateKey, publicJwk }: KeyHolder) =>
  oauth.PrivateKeyJwt({ key: privateKey, kid: publicJwk.kid ?? '' });

describe('oauth4webapi with private_key_jwt', () => {
  it('gets a machine token, introspects it, and revokes it', async () => {
    const holder = await registerKeyHolder(server.db, { audiences: [demoResource.uri] });
    const machine: oauth.Client = { client_id: holder.id };
    const authentication = authenticationOf(holder);
    const response = await oauth.clientCredentialsGrantRequest(as, machine, authentication, {}, insecure);
    const { access_token } = await oauth.processClientCredentialsResponse(as, machine, response);
    const introspect = async () => {
      const asked = await oauth.introspectionRequest(as, machine, authentication, access_token, insecure);
      return await oauth.processIntrospectionResponse(as, machine, asked);
    };
    const seen = await introspect();
    assert.deepEqual([seen.active, seen.client_id], [true, machine.client_id]);
    const revoked = await oauth.revocationRequest(as, machine, authentication, access_token, insecure);
    await oauth.processRevocationResponse(revoked);
    assert.equal((await introspect()).active, false);
  });

  it('lets a person in on a device, refreshes, each token bound to a key, with nonces demanded', async () => {
    const holder = await registerKeyHolder(server.db, {
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      dpopBoundAccessTokens: true,
      requireDpopNonce: true,
    });
    const cli: oauth.Client = { client_id: holder.id };
    const authentication = authenticationOf(holder);
    const DPoP = oauth.DPoP(cli, await oauth.generateKeyPair('ES256'));
    const options = { DPoP, ...insecure };
    const scope = { scope: 'read offline_access', dpop_jkt: await DPoP.calculateThumbprint() };
    const asked = await oauth.deviceAuthorizationRequest(as, cli, authentication, scope, insecure);
    const device = await oauth.processDeviceAuthorizationResponse(as, cli, asked);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');

    const redeem = async () => {
      const { device_code } = device;
      const response = await oauth.deviceCodeGrantRequest(as, cli, authentication, device_code, options);
      return await oauth.processDeviceCodeResponse(as, cli, response);
    };
    // The library keeps the nonce that the first answer gives; each request has an assertion of its own.
    await assert.rejects(redeem(), oauth.isDPoPNonceError);
    const tokens = await redeem();
    assert.equal(tokens.token_type, 'dpop');
    const { refresh_token = '' } = tokens;
    const response = await oauth.refreshTokenGrantRequest(as, cli, authentication, refresh_token, options);
    const renewed = await oauth.processRefreshTokenResponse(as, cli, response);
    assert.equal(renewed.token_type, 'dpop');
  });

  it('gets a bound machine token, with a nonce that the server demands', async () => {
    const holder = await registerKeyHolder(server.db, {
      dpopBoundAccessTokens: true,
      requireDpopNonce: true,
    });
    const machine: oauth.Client = { client_id: holder.id };
    const authentication = authenticationOf(holder);
    const DPoP = oauth.DPoP(machine, await oauth.generateKeyPair('Ed25519'));
    const request = async () => {
      const options = { DPoP, ...insecure };
      const response = await oauth.clientCredentialsGrantRequest(as, machine, authentication, {}, options);
      return await oauth.processClientCredentialsResponse(as, machine, response);
    };
    await assert.rejects(request(), oauth.isDPoPNonceError);
    assert.equal((await request()).token_type, 'dpop');
  });

  it('is refused with the key of another', async () => {
    const [holder, other] = await Promise.all([registerKeyHolder(server.db), registerKeyHolder(server.db)]);
    const machine: oauth.Client = { client_id: holder.id };
    const authentication = authenticationOf(other);
    const response = await oauth.clientCredentialsGrantRequest(as, machine, authentication, {}, insecure);
    await assert.rejects(oauth.processClientCredentialsResponse(as, machine, response), { status: 401 });
  });
});
