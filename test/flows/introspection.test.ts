import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoCli, demoMachine, demoResource, demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { findUserByEmail } from '../../src/users/user.ts';
import { type Answer, credentials, introspect, post, requestMachineToken } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const inactive = { active: false };

/** A client looks at a token that it holds itself. */
function introspectOwn(token: string, form: Record<string, string> = {}): Promise<Answer> {
  return post(`${server.issuer}/oauth/introspect`, { token, client_id: demoCli.id, ...form });
}

describe('introspection', () => {
  it('tells a resource server of a machine token all that RFC 7662 section 2.2 names', async () => {
    const { body: token } = await requestMachineToken(server.issuer, { scope: 'read' });
    const { status, headers, body } = await introspect(server.issuer, token.access_token);
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    const { iat, exp, ...rest } = body;
    assert.ok(Math.abs(iat - Date.parse(headers.get('date') ?? '') / 1000) <= 30);
    assert.equal(exp, iat + 3600);
    assert.deepEqual(rest, {
      active: true,
      client_id: demoMachine.id,
      sub: demoMachine.id,
      aud: demoResource.uri,
      iss: server.issuer,
      scope: 'read',
      token_type: 'Bearer',
    });
  });

  it('tells of a token of a person who it is', async () => {
    const { access_token } = await letDeviceIn(server.issuer);
    const user = await findUserByEmail(server.db, demoUser.email);
    const { iat, exp, auth_time, ...rest } = (await introspect(server.issuer, access_token)).body;
    assert.equal(exp, iat + 3600);
    assert.ok(auth_time <= iat);
    assert.deepEqual(rest, {
      active: true,
      client_id: demoCli.id,
      sub: user?.id,
      acr: 'urn:postern:acr:single-factor',
      amr: ['pwd'],
      username: demoUser.email,
      aud: demoResource.uri,
      iss: server.issuer,
      scope: 'read write',
      token_type: 'Bearer',
    });
  });

  it('tells a client of its own tokens, the refresh token too, which nobody else may know', async () => {
    const { access_token, refresh_token } = await letDeviceIn(server.issuer);
    assert.equal((await introspectOwn(access_token)).body.active, true);
    const { body } = await introspectOwn(refresh_token);
    assert.equal(body.active, true);
    assert.equal(body.client_id, demoCli.id);
    assert.equal(body.username, demoUser.email);
    assert.equal(body.token_type, undefined);
    assert.deepEqual((await introspect(server.issuer, refresh_token)).body, inactive);
  });

  it('finds a token whatever the hint says', async () => {
    const { access_token, refresh_token } = await letDeviceIn(server.issuer);
    const { body: machine } = await requestMachineToken(server.issuer);
    for (const token_type_hint of ['access_token', 'refresh_token', 'device_code', 'nonsense', '\0']) {
      for (const token of [access_token, machine.access_token]) {
        const { body } = await introspect(server.issuer, token, { token_type_hint });
        assert.equal(body.active, true, token_type_hint);
      }
      assert.equal((await introspectOwn(refresh_token, { token_type_hint })).body.active, true);
    }
  });

  it('takes the credentials of the caller in the header and in the form', async () => {
    const { body: token } = await requestMachineToken(server.issuer);
    const [client_id = '', client_secret = ''] = credentials.api.split(':');
    const form = { token: token.access_token, client_id, client_secret };
    assert.equal((await post(`${server.issuer}/oauth/introspect`, form)).body.active, true);
    assert.equal((await introspect(server.issuer, token.access_token)).body.active, true);
  });

  it('is invalid_request without a token and with two', async () => {
    const url = `${server.issuer}/oauth/introspect`;
    const twice: [string, string][] = [
      ['token', 'one'],
      ['token', 'two'],
    ];
    for (const form of [{}, { token: '' }, twice]) {
      const { status, body } = await post(url, form, { basic: credentials.api });
      assert.deepEqual([status, body.error], [400, 'invalid_request']);
    }
  });
});

describe('an inactive token', () => {
  const digestOf = (token: string) => sql`digest = ${sha256(token)}`;

  it('is one that has expired, by the clock of the database', async () => {
    const { body } = await requestMachineToken(server.issuer);
    const { refresh_token } = await letDeviceIn(server.issuer);
    await server.db.query(
      sql`update access_tokens set expires_at = now() where ${digestOf(body.access_token)}`,
    );
    await server.db.query(sql`update refresh_tokens set expires_at = now() where ${digestOf(refresh_token)}`);
    assert.deepEqual((await introspect(server.issuer, body.access_token)).body, inactive);
    assert.deepEqual((await introspectOwn(refresh_token)).body, inactive);
  });

  it('is one whose grant has ended', async () => {
    const { access_token, refresh_token } = await letDeviceIn(server.issuer);
    const { basic } = await registerClient(server.db, { audiences: [demoResource.uri] });
    const url = `${server.issuer}/oauth/introspect`;
    assert.equal((await post(url, { token: access_token }, { basic })).body.active, true);
    await server.db.query(sql`update grants set expires_at = now()`);
    assert.deepEqual((await post(url, { token: access_token }, { basic })).body, inactive);
    assert.deepEqual((await introspectOwn(refresh_token)).body, inactive);
  });

  it('is a device code, a client secret, and anything else that is no token', async () => {
    for (const token of ['unknown', 'a b', '\0', '%', 'é', '{}', '../../etc/passwd', 'x'.repeat(40_000)]) {
      const { status, body } = await introspect(server.issuer, token);
      assert.deepEqual([status, body], [200, inactive], token.slice(0, 20));
    }
  });

  it('is a text that looks like a JWT', async () => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const header = encode({ alg: 'none', typ: 'at+jwt' });
    const payload = encode({ iss: server.issuer, sub: demoMachine.id, aud: demoResource.uri, exp: 9e9 });
    for (const token of [
      `${header}.${payload}.`,
      `${header}.${payload}.c2lnbmF0dXJl`,
      'a.b.c',
      'a.b.c.d.e',
    ]) {
      const { status, body } = await introspect(server.issuer, token);
      assert.deepEqual([status, body], [200, inactive]);
    }
  });
});
