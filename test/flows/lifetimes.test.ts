import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addClient } from '../../src/clients/client.ts';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat, sha256 } from '../../src/secret.ts';
import { createBrowserCaller } from '../support/api.ts';
import { introspect, poll, refresh, requestDevice, requestMachineToken } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await addClient(
    server.db,
    {
      id: 'brief-cli',
      name: 'Brief CLI',
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      defaultResource: demoResource.uri,
      allowed: { [demoResource.uri]: ['read'] },
      audiences: [],
      accessTokenSeconds: 90,
      refreshTokenSeconds: 600,
      deviceCodeSeconds: 120,
    },
    createTokenFormat('pst'),
  );
});
after(() => server.stop());

const brief = { client_id: 'brief-cli' };

async function signIn(scope = 'read offline_access') {
  const { body: device } = await requestDevice(server.issuer, { ...brief, scope });
  const person = createPerson(server.issuer);
  await person.enterCode(device.user_code);
  await person.decide('allow');
  return (await poll(server.issuer, device.device_code, brief)).body;
}

/** Seconds until a refresh token ends, by the database's clock. */
async function remaining(refreshToken: string): Promise<number> {
  const [row] = await server.db.query<{ seconds: number }>(
    sql`select extract(epoch from expires_at - now())::float8 as seconds from refresh_tokens
        where digest = ${sha256(refreshToken)}`,
  );
  return row?.seconds ?? 0;
}

describe('lifetimes', () => {
  it('of device codes are the client’s own', async () => {
    const { body } = await requestDevice(server.issuer, { ...brief, scope: 'read' });
    assert.equal(body.expires_in, 120);
  });

  it('of access tokens are the client’s own', async () => {
    const { expires_in, access_token } = await signIn();
    assert.equal(expires_in, 90);
    const { body } = await introspect(server.issuer, access_token);
    assert.equal(body.exp - body.iat, 90);
  });

  it('of what is let in end with what it can get: its sign-in, or one token while its code lives', async () => {
    await signIn('read');
    await signIn('read offline_access');
    const caller = await createBrowserCaller(server.issuer);
    const { items } = (await caller('GET', '/grants')).body;
    assert.deepEqual(
      items.slice(0, 2).map(({ created_at: since, expires_at: until }: Record<string, string>) => {
        return (Date.parse(until ?? '') - Date.parse(since ?? '')) / 1000;
      }),
      [600, 120 + 90],
    );
  });

  it('end an access token', async () => {
    const { body } = await requestMachineToken(server.issuer);
    await server.db.query(
      sql`update access_tokens set expires_at = now() - interval '1 second' where digest = ${sha256(body.access_token)}`,
    );
    assert.deepEqual((await introspect(server.issuer, body.access_token)).body, { active: false });
  });

  it('end a refresh token that nobody uses', async () => {
    const { refresh_token } = await signIn();
    await server.db.query(
      sql`update refresh_tokens set expires_at = now() - interval '1 second' where digest = ${sha256(refresh_token)}`,
    );
    const { status, body } = await refresh(server.issuer, refresh_token, brief);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  });

  it('of refresh tokens are fourteen days of idleness', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const { body } = await poll(server.issuer, device.device_code);
    assert.ok(Math.abs((await remaining(body.refresh_token)) - 14 * 86_400) < 60);
  });

  it('of a sign-in end when the client says, however often it is renewed', async () => {
    const { refresh_token } = await signIn();
    assert.ok((await remaining(refresh_token)) <= 600);
    // The engine's record of the sign-in moves five minutes into the past.
    await server.db.query(
      sql`update refresh_tokens set payload = jsonb_set(payload::jsonb, '{iiat}',
            to_jsonb((payload::jsonb->>'iiat')::bigint - 300))::json where digest = ${sha256(refresh_token)}`,
    );
    const { body } = await refresh(server.issuer, refresh_token, brief);
    const left = await remaining(body.refresh_token);
    assert.ok(left > 0 && left <= 300, `${left} s are left`);
  });
});
