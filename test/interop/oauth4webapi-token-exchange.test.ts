import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { demoCli, demoMachine, demoResource, demoUser } from '../../src/development.ts';
import { requestMachineToken } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { accessTokenType, exchangeGrant, innerResource, registerGateway } from '../support/exchange.ts';
import type { TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

// All that is not as any program would write it: plain http on the loopback is allowed.
const insecure = { [oauth.allowInsecureRequests]: true };

let server: TestServer;
let gateway: TestClient;
let inner: TestClient;
let as: oauth.AuthorizationServer;
before(async () => {
  server = await startServer();
  ({ gateway, inner } = await registerGateway(server.db, demoResource.uri));
  const issuer = new URL(server.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  as = await oauth.processDiscoveryResponse(issuer, response);
});
after(() => server.stop());

async function exchange(parameters: Record<string, string>, DPoP?: oauth.DPoPHandle) {
  const client: oauth.Client = { client_id: gateway.id };
  const response = await oauth.genericTokenEndpointRequest(
    as,
    client,
    oauth.ClientSecretBasic(gateway.secret),
    exchangeGrant,
    { subject_token_type: accessTokenType, ...parameters },
    { ...insecure, ...(DPoP && { DPoP }) },
  );
  return await oauth.processGenericTokenEndpointResponse(as, client, response);
}

/** The proof that the library would send to the API behind the gateway. */
async function proofFor(DPoP: oauth.DPoPHandle, token: string): Promise<string> {
  let proof = '';
  await oauth.protectedResourceRequest(
    token,
    'GET',
    new URL(`${innerResource}/things`),
    undefined,
    undefined,
    {
      DPoP,
      [oauth.customFetch]: async (_url, { headers }) => {
        proof = headers.dpop ?? '';
        return new Response();
      },
    },
  );
  return proof;
}

describe('oauth4webapi, exchanging tokens', () => {
  it('gives a token of the same person that the next API validates', async () => {
    const { access_token } = await letDeviceIn(server.issuer);
    const tokens = await exchange({ subject_token: access_token, audience: innerResource, scope: 'read' });
    assert.deepEqual([tokens.token_type, tokens.issued_token_type], ['bearer', accessTokenType]);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const request = new Request(`${innerResource}/things`, { headers });
    const claims = await oauth.validateJwtAccessToken(as, request, innerResource, insecure);
    assert.deepEqual([claims.client_id, claims.scope], [gateway.id, 'read']);

    const client: oauth.Client = { client_id: inner.id };
    const authentication = oauth.ClientSecretBasic(inner.secret);
    const asked = { ...insecure, requestJwtResponse: true };
    const response = await oauth.introspectionRequest(as, client, authentication, tokens.access_token, asked);
    const seen = await oauth.processIntrospectionResponse(as, client, response);
    assert.deepEqual([seen.active, seen.username, seen.sub], [true, demoUser.email, claims.sub]);
  });

  it('binds it to a key, and names who acts', async () => {
    const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'));
    const { body: subject } = await requestMachineToken(server.issuer);
    const { access_token } = await letDeviceIn(server.issuer);
    const actor = { actor_token: access_token, actor_token_type: accessTokenType };
    const tokens = await exchange({ subject_token: subject.access_token, ...actor }, DPoP);
    assert.equal(tokens.token_type, 'dpop');
    const request = new Request(`${innerResource}/things`, {
      headers: {
        authorization: `DPoP ${tokens.access_token}`,
        dpop: await proofFor(DPoP, tokens.access_token),
      },
    });
    const claims = await oauth.validateJwtAccessToken(as, request, innerResource, insecure);
    assert.equal(claims.sub, demoMachine.id);
    assert.equal((claims.act as { client_id: string }).client_id, demoCli.id);
  });

  it('understands why it is refused', async () => {
    await assert.rejects(exchange({ subject_token: 'garbage' }), { error: 'invalid_request', status: 400 });
    const { body: subject } = await requestMachineToken(server.issuer);
    const elsewhere = { subject_token: subject.access_token, resource: demoResource.uri };
    await assert.rejects(exchange(elsewhere), { error: 'invalid_target', status: 400 });
  });
});
