import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as openid from 'openid-client';
import { demoCli, demoResource, demoUser } from '../../src/development.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import type { TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let gateway: TestClient;
let inner: TestClient;
before(async () => {
  server = await startServer();
  ({ gateway, inner } = await registerGateway(server.db, demoResource.uri));
});
after(() => server.stop());

/** What any program would write; only plain http has to be allowed. */
const discover = (id: string, authentication: openid.ClientAuth) =>
  openid.discovery(new URL(server.issuer), id, undefined, authentication, {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests],
  });

const discoverConfidential = ({ id, secret }: TestClient) => discover(id, openid.ClientSecretBasic(secret));

describe('openid-client, exchanging tokens', () => {
  it('gives a token of the same person, bound to a key, that dies with the first one', async () => {
    const [client, api] = await Promise.all([discoverConfidential(gateway), discoverConfidential(inner)]);
    const DPoP = openid.getDPoPHandle(client, await openid.randomDPoPKeyPair());
    const { access_token, refresh_token } = await letDeviceIn(server.issuer);
    const parameters = { subject_token: access_token, subject_token_type: accessTokenType };
    const tokens = await openid.genericGrantRequest(client, exchangeGrant, parameters, { DPoP });
    assert.deepEqual([tokens.token_type, tokens.issued_token_type], ['dpop', accessTokenType]);
    const seen = await openid.tokenIntrospection(api, tokens.access_token);
    assert.deepEqual([seen.active, seen.username], [true, demoUser.email]);
    assert.deepEqual(seen.cnf, { jkt: await DPoP.calculateThumbprint() });

    const cli = await discover(demoCli.id, openid.None());
    await openid.tokenRevocation(cli, refresh_token);
    assert.deepEqual(await openid.tokenIntrospection(api, tokens.access_token), { active: false });
  });

  it('understands why it is refused', async () => {
    const client = await discoverConfidential(gateway);
    const parameters = { subject_token: 'garbage', subject_token_type: accessTokenType };
    await assert.rejects(openid.genericGrantRequest(client, exchangeGrant, parameters), {
      error: 'invalid_request',
    });
  });
});
