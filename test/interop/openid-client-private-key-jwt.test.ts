import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as client from 'openid-client';
import { demoResource } from '../../src/development.ts';
import { type KeyHolder, registerKeyHolder } from '../support/assertion.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** What any program would write; only plain http has to be allowed. */
function discover({ id, privateKey, publicJwk }: KeyHolder): Promise<client.Configuration> {
  const authentication = client.PrivateKeyJwt({ key: privateKey, kid: publicJwk.kid ?? '' });
  return client.discovery(new URL(server.issuer), id, undefined, authentication, {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  });
}

describe('openid-client with private_key_jwt', () => {
  it('gets a machine token, introspects it, and revokes it', async () => {
    const machine = await discover(await registerKeyHolder(server.db, { audiences: [demoResource.uri] }));
    const { access_token } = await client.clientCredentialsGrant(machine);
    assert.equal((await client.tokenIntrospection(machine, access_token)).active, true);
    await client.tokenRevocation(machine, access_token);
    assert.equal((await client.tokenIntrospection(machine, access_token)).active, false);
  });

  it('lets a person in on a device and refreshes, each token bound to a key, with nonces demanded', async () => {
    const holder = await registerKeyHolder(server.db, {
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      dpopBoundAccessTokens: true,
      requireDpopNonce: true,
    });
    const cli = await discover(holder);
    const DPoP = client.getDPoPHandle(cli, await client.randomDPoPKeyPair());
    const device = await client.initiateDeviceAuthorization(cli, {
      scope: 'read offline_access',
      dpop_jkt: await DPoP.calculateThumbprint(),
    });
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    // The library waits an interval before its first poll; for a test that would be long.
    const polled = { ...device, interval: 0 };
    const tokens = await client.pollDeviceAuthorizationGrant(cli, polled, {}, { DPoP });
    const renewed = await client.refreshTokenGrant(cli, tokens.refresh_token ?? '', {}, { DPoP });
    assert.deepEqual([tokens.token_type, renewed.token_type], ['dpop', 'dpop']);
  });

  it('is refused with the key of another', async () => {
    const [holder, other] = await Promise.all([registerKeyHolder(server.db), registerKeyHolder(server.db)]);
    const machine = await discover({ ...holder, privateKey: other.privateKey });
    await assert.rejects(client.clientCredentialsGrant(machine), { status: 401 });
  });
});
