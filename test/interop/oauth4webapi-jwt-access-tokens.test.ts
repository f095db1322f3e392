import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { demoApi, demoMachine, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { startServer, type TestServer } from '../support/server.ts';

// All that is not as any program would write it: plain http on the loopback is allowed.
const insecure = { [oauth.allowInsecureRequests]: true };

const machine: oauth.Client = { client_id: demoMachine.id };
const api: oauth.Client = { client_id: demoApi.id };
const authentications = {
  machine: oauth.ClientSecretBasic(demoMachine.secret),
  api: oauth.ClientSecretBasic(demoApi.secret),
};

let server: TestServer;
let as: oauth.AuthorizationServer;
before(async () => {
  server = await startServer();
  await server.db.query(sql`update resources set access_token_format = 'jwt'`);
  const issuer = new URL(server.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  as = await oauth.processDiscoveryResponse(issuer, response);
});
after(() => server.stop());

async function requestToken(DPoP?: oauth.DPoPHandle): Promise<string> {
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    machine,
    authentications.machine,
    { scope: 'read' },
    { ...insecure, ...(DPoP && { DPoP }) },
  );
  return (await oauth.processClientCredentialsResponse(as, machine, response)).access_token;
}

async function introspect(token: string, options: oauth.IntrospectionRequestOptions = {}) {
  const asked = { ...insecure, ...options };
  const response = await oauth.introspectionRequest(as, api, authentications.api, token, asked);
  return { response, seen: await oauth.processIntrospectionResponse(as, api, response.clone()) };
}

/** What an API makes of a request that it gets. */
const validate = (request: Request, options: oauth.ValidateJWTAccessTokenOptions = {}) =>
  oauth.validateJwtAccessToken(as, request, demoResource.uri, { ...insecure, ...options });

const url = 'https://api.example.com/v1/things';

describe('oauth4webapi, in an API that takes JWT access tokens', () => {
  it('validates one with the published keys', async () => {
    const token = await requestToken();
    const claims = await validate(new Request(url, { headers: { authorization: `Bearer ${token}` } }));
    assert.deepEqual(
      [claims.sub, claims.client_id, claims.aud, claims.scope],
      [demoMachine.id, demoMachine.id, demoResource.uri, 'read'],
    );
  });

  it('validates one that is bound to a key, with the proof and not without', async () => {
    const { publicKey, privateKey } = await oauth.generateKeyPair('ES256');
    const DPoP = oauth.DPoP(machine, { publicKey, privateKey });
    const token = await requestToken(DPoP);
    let sent: Request | undefined;
    await oauth.protectedResourceRequest(token, 'GET', new URL(url), undefined, undefined, {
      DPoP,
      [oauth.customFetch]: async (to, init) => {
        sent = new Request(to, init as RequestInit);
        return new Response();
      },
    });
    assert.ok(sent);
    const claims = await validate(sent, { requireDPoP: true });
    assert.deepEqual(claims.cnf, { jkt: await DPoP.calculateThumbprint() });
    const bare = new Request(url, { headers: { authorization: `Bearer ${token}` } });
    await assert.rejects(validate(bare));
  });

  it('does not take one that is for another API', async () => {
    const token = await requestToken();
    const request = new Request(url, { headers: { authorization: `Bearer ${token}` } });
    await assert.rejects(
      oauth.validateJwtAccessToken(as, request, 'https://other.example.com', insecure),
      /aud/,
    );
  });

  it('introspects one, until its client revokes it', async () => {
    const token = await requestToken();
    const { seen } = await introspect(token);
    assert.deepEqual([seen.active, seen.client_id, seen.scope], [true, demoMachine.id, 'read']);
    const response = await oauth.revocationRequest(as, machine, authentications.machine, token, insecure);
    await oauth.processRevocationResponse(response);
    assert.deepEqual((await introspect(token)).seen, { active: false });
  });

  it('asks for a signed answer (RFC 9701), and validates its signature too', async () => {
    assert.deepEqual(as.introspection_signing_alg_values_supported, ['ES256']);
    const token = await requestToken();
    const { response, seen } = await introspect(token, { requestJwtResponse: true });
    assert.match(response.headers.get('content-type') ?? '', /^application\/token-introspection\+jwt/);
    assert.deepEqual([seen.active, seen.client_id], [true, demoMachine.id]);
    const signed = response.clone();
    await oauth.processIntrospectionResponse(as, api, signed);
    await oauth.validateApplicationLevelSignature(as, signed, insecure);
    const { seen: unknown } = await introspect(`${token}x`, { requestJwtResponse: true });
    assert.deepEqual(unknown, { active: false });
  });
});
