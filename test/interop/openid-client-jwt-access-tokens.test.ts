import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as client from 'openid-client';
import { demoApi, demoCli, demoMachine } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await server.db.query(sql`update resources set access_token_format = 'jwt'`);
});
after(() => server.stop());

/** What any program would write; only plain http has to be allowed. */
function discover(
  { id, secret }: { id: string; secret?: string },
  metadata: Partial<client.ClientMetadata> = {},
): Promise<client.Configuration> {
  const authentication = secret === undefined ? client.None() : client.ClientSecretBasic(secret);
  return client.discovery(new URL(server.issuer), id, metadata, authentication, {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  });
}

describe('openid-client and a JWT access token', () => {
  it('introspects it, until its client revokes it', async () => {
    const [machine, api] = await Promise.all([discover(demoMachine), discover(demoApi)]);
    const { access_token } = await client.clientCredentialsGrant(machine, { scope: 'read' });
    const seen = await client.tokenIntrospection(api, access_token);
    assert.deepEqual([seen.active, seen.client_id, seen.scope], [true, demoMachine.id, 'read']);
    await client.tokenRevocation(machine, access_token);
    assert.deepEqual(await client.tokenIntrospection(api, access_token), { active: false });
  });

  it('has the answer signed (RFC 9701), and validates its signature', async () => {
    const machine = await discover(demoMachine);
    const api = await discover(demoApi, { introspection_signed_response_alg: 'ES256' });
    client.enableNonRepudiationChecks(api);
    const { access_token } = await client.clientCredentialsGrant(machine);
    const seen = await client.tokenIntrospection(api, access_token);
    assert.deepEqual([seen.active, seen.client_id], [true, demoMachine.id]);
    assert.deepEqual(await client.tokenIntrospection(api, `${access_token}x`), { active: false });
  });

  it('revokes the JWTs of a sign-in with its refresh token', async () => {
    const [cli, api] = await Promise.all([discover(demoCli), discover(demoApi)]);
    const device = await client.initiateDeviceAuthorization(cli, { scope: 'read offline_access' });
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    // The library waits an interval before its first poll; for a test that would be long.
    const tokens = await client.pollDeviceAuthorizationGrant(cli, { ...device, interval: 0 });
    assert.equal((await client.tokenIntrospection(api, tokens.access_token)).active, true);
    await client.tokenRevocation(cli, tokens.refresh_token ?? '');
    assert.deepEqual(await client.tokenIntrospection(api, tokens.access_token), { active: false });
  });
});
