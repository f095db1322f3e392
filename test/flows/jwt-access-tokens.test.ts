import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose';
import { disableClient, removeClient } from '../../src/clients/client.ts';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { hashPassword } from '../../src/users/password.ts';
import { addUser, disableUser, findUserByEmail } from '../../src/users/user.ts';
import { type Answer, post, refresh, revoke } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const api = 'https://jwt.example.com';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code' as const;

let server: TestServer;
let machine: TestClient;
let device: TestClient;
let resourceServer: TestClient;
before(async () => {
  server = await startServer();
  await addResource(server.db, {
    uri: api,
    name: 'JWT API',
    scopes: { read: 'See', write: 'Change' },
    accessTokenFormat: 'jwt',
  });
  const allowed = { [api]: ['read', 'write'] };
  machine = await registerClient(server.db, { allowed, defaultResource: api });
  device = await registerClient(server.db, {
    allowed,
    defaultResource: api,
    authentication: 'none',
    grantTypes: [deviceGrant, 'refresh_token'],
  });
  resourceServer = await registerClient(server.db, { grantTypes: [], allowed: {}, audiences: [api] });
});
after(() => server.stop());

const requestToken = (client: TestClient = machine, form: Record<string, string> = {}) =>
  post(
    `${server.issuer}/oauth/token`,
    { grant_type: 'client_credentials', ...form },
    { basic: client.basic },
  );

const signIn = () => letDeviceIn(server.issuer, { client_id: device.id, scope: 'read write offline_access' });

const introspect = (token: string, client = resourceServer, issuer = server.issuer): Promise<Answer> =>
  post(`${issuer}/oauth/introspect`, { token }, { basic: client.basic });

const inactive = { active: false };

describe('a JWT access token', () => {
  it('is what a plain request gets where the operator wants it, with the claims of RFC 9068', async () => {
    const { body } = await requestToken();
    assert.deepEqual(decodeProtectedHeader(body.access_token).typ, 'at+jwt');
    assert.equal(decodeProtectedHeader(body.access_token).alg, 'ES256');
    const { jti, iat, exp, client_generation, ...claims } = decodeJwt(body.access_token);
    assert.equal(typeof client_generation, 'number');
    assert.match(jti ?? '', /^[0-9A-Za-z]{43}$/);
    assert.equal((exp ?? 0) - (iat ?? 0), 900);
    assert.equal(body.expires_in, 900);
    assert.deepEqual(claims, {
      iss: server.issuer,
      sub: machine.id,
      aud: api,
      client_id: machine.id,
      scope: 'read write',
    });
  });

  it('is verified by an API that knows nothing but the issuer', async () => {
    const { body } = await requestToken(machine, { scope: 'read' });
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(body.access_token, keys, {
      issuer: server.issuer,
      audience: api,
      typ: 'at+jwt',
    });
    assert.equal(payload.scope, 'read');
  });

  it('of a person says when and how they signed in, also after a refresh', async () => {
    const user = await findUserByEmail(server.db, demoUser.email);
    const first = await signIn();
    const { body: second } = await refresh(server.issuer, first.refresh_token, { client_id: device.id });
    for (const { access_token } of [first, second]) {
      const claims = decodeJwt(access_token);
      assert.equal(claims.sub, user?.id);
      assert.deepEqual(claims.amr, ['pwd']);
      assert.ok(typeof claims.auth_time === 'number' && claims.auth_time <= (claims.iat ?? 0));
    }
  });

  it('is not stored', async () => {
    const { body } = await requestToken();
    const rows = await server.db.query(
      sql`select payload from access_tokens where payload::text like ${`%${decodeJwt(body.access_token).jti}%`}`,
    );
    assert.equal(rows.length, 0);
  });
});

describe('introspection of a JWT', () => {
  it('tells a machine’s token as it tells an opaque one', async () => {
    const { body } = await requestToken();
    const { iat, exp, jti } = decodeJwt(body.access_token);
    assert.deepEqual((await introspect(body.access_token)).body, {
      active: true,
      sub: machine.id,
      client_id: machine.id,
      aud: api,
      iss: server.issuer,
      scope: 'read write',
      token_type: 'Bearer',
      iat,
      exp,
      jti,
    });
  });

  it('tells who a person is', async () => {
    const { access_token } = await signIn();
    const { body } = await introspect(access_token);
    assert.equal(body.active, true);
    assert.equal(body.username, demoUser.email);
    assert.equal(body.sub, decodeJwt(access_token).sub);
  });

  it('is for its audience and its own client alone', async () => {
    const { body } = await requestToken();
    assert.equal((await introspect(body.access_token, machine)).body.active, true);
    const stranger = await registerClient(server.db);
    assert.deepEqual((await introspect(body.access_token, stranger)).body, inactive);
  });

  it('believes nothing that another key signed, and no other type, issuer or algorithm', async () => {
    const { body } = await requestToken();
    const claims = decodeJwt(body.access_token);
    const header = decodeProtectedHeader(body.access_token);
    const { privateKey } = await generateKeyPair('ES256');
    const [head = '', payload = '', signature = ''] = body.access_token.split('.');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const hmacKey = new TextEncoder().encode('x'.repeat(32));
    const forged = [
      await new SignJWT(claims).setProtectedHeader({ ...header, alg: 'ES256' }).sign(privateKey),
      `${encode({ ...header, alg: 'none' })}.${payload}.`,
      await new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' }).sign(hmacKey),
      `${head}.${encode({ ...claims, scope: 'admin' })}.${signature}`,
      `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${encode({ ...header, typ: 'JWT' })}.${payload}.${signature}`,
      `${body.access_token}x`,
      'eyJhbGciOiJFUzI1NiJ9.e30.AAAA',
      'eyJ.eyJ.',
    ];
    for (const token of forged) {
      const answer = await introspect(token);
      assert.deepEqual([answer.status, answer.body], [200, inactive]);
      assert.equal((await revoke(server.issuer, token, { client_id: device.id })).status, 200);
    }
    assert.equal((await introspect(body.access_token)).body.active, true);
  });

  it('is signed for a resource server that asks (RFC 9701)', async () => {
    const asking = await registerClient(server.db, {
      grantTypes: [],
      allowed: {},
      audiences: [api],
    });
    const { body: tokens } = await requestToken();
    const accept = { accept: 'application/token-introspection+jwt' };
    const ask = (token: string) =>
      post(`${server.issuer}/oauth/introspect`, { token }, { basic: asking.basic, headers: accept });
    const { status, headers, body } = await ask(tokens.access_token);
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^application\/token-introspection\+jwt/);
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(body, keys, {
      issuer: server.issuer,
      audience: asking.id,
      typ: 'token-introspection+jwt',
    });
    assert.equal((payload.token_introspection as { active: boolean }).active, true);
    assert.equal(payload.sub, undefined);
    assert.equal(payload.exp, undefined);
  });

  it('is signed for nobody who prefers JSON, or cannot read the other (RFC 9110 section 12.5.1)', async () => {
    const jwt = 'application/token-introspection+jwt';
    for (const [accept, type] of Object.entries({
      [jwt.toUpperCase()]: jwt,
      [`text/html, ${jwt}`]: jwt,
      [`application/json;q=0.5, ${jwt}`]: jwt,
      [`application/json, ${jwt};q=0.5`]: 'application/json',
      [`${jwt};q=0`]: 'application/json',
      '*/*': 'application/json',
      '': 'application/json',
    })) {
      const { headers } = await post(
        `${server.issuer}/oauth/introspect`,
        { token: 'garbage' },
        { basic: resourceServer.basic, headers: { accept } },
      );
      assert.equal(headers.get('content-type')?.split(';')[0], type, accept);
    }
  });

  it('is signed for who may not know the token too, and then says nothing else than active: false', async () => {
    const { body: tokens } = await requestToken();
    const stranger = await registerClient(server.db, {
      grantTypes: [],
      allowed: {},
      audiences: ['https://api.example.com'],
    });
    for (const token of ['garbage', tokens.access_token]) {
      const { status, body } = await post(
        `${server.issuer}/oauth/introspect`,
        { token },
        { basic: stranger.basic, headers: { accept: 'application/token-introspection+jwt' } },
      );
      const { iat, ...claims } = decodeJwt(body);
      assert.ok(status === 200 && typeof iat === 'number');
      assert.deepEqual(claims, { iss: server.issuer, aud: stranger.id, token_introspection: inactive });
    }
  });
});

describe('revocation of a JWT', () => {
  it('ends that token alone, at every server at once', async () => {
    const second = await startServer({
      databaseUrl: server.databaseUrl,
      settings: { POSTERN_ISSUER: server.issuer },
    });
    try {
      const tokens = await signIn();
      const { body: sibling } = await refresh(server.issuer, tokens.refresh_token, { client_id: device.id });
      assert.equal((await introspect(tokens.access_token, resourceServer, second.url)).body.active, true);
      const answer = await revoke(server.issuer, tokens.access_token, { client_id: device.id });
      assert.deepEqual([answer.status, answer.body], [200, '']);
      assert.deepEqual((await introspect(tokens.access_token, resourceServer, second.url)).body, inactive);
      assert.deepEqual((await introspect(tokens.access_token)).body, inactive);
      assert.equal((await introspect(sibling.access_token)).body.active, true);
      assert.equal(
        (await refresh(server.issuer, sibling.refresh_token, { client_id: device.id })).status,
        200,
      );
      assert.equal((await revoke(server.issuer, tokens.access_token, { client_id: device.id })).status, 200);
    } finally {
      await second.stop();
    }
  });

  it('of its refresh token ends every JWT of the grant', async () => {
    const tokens = await signIn();
    const { body: second } = await refresh(server.issuer, tokens.refresh_token, { client_id: device.id });
    await revoke(server.issuer, second.refresh_token, { client_id: device.id });
    for (const { access_token } of [tokens, second])
      assert.deepEqual((await introspect(access_token)).body, inactive);
  });

  it('is for who the token was issued to', async () => {
    const { body } = await requestToken();
    const stranger = await registerClient(server.db);
    const refused = await post(
      `${server.issuer}/oauth/revoke`,
      { token: body.access_token },
      { basic: stranger.basic },
    );
    assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_request']);
    assert.equal((await introspect(body.access_token)).body.active, true);
    await post(`${server.issuer}/oauth/revoke`, { token: body.access_token }, { basic: machine.basic });
    assert.deepEqual((await introspect(body.access_token)).body, inactive);
  });

  it('keeps one row until the token would have expired', async () => {
    const { body } = await requestToken();
    await post(`${server.issuer}/oauth/revoke`, { token: body.access_token }, { basic: machine.basic });
    const rows = await server.db.query<{ ends: number }>(
      sql`select extract(epoch from expires_at)::float8 as ends from revoked_tokens order by revoked_at desc limit 1`,
    );
    assert.equal(rows[0]?.ends, decodeJwt(body.access_token).exp);
  });
});

describe('a JWT is inactive', () => {
  it('when its client is disabled, removed, or replaced by another of its name', async () => {
    const allowed = { [api]: ['read'] };
    const disabled = await registerClient(server.db, { allowed, defaultResource: api });
    const { body: first } = await requestToken(disabled);
    await disableClient(server.db, disabled.id);
    assert.deepEqual((await introspect(first.access_token)).body, inactive);

    const removed = await registerClient(server.db, { allowed, defaultResource: api });
    const { body: second } = await requestToken(removed);
    await removeClient(server.db, removed.id);
    assert.deepEqual((await introspect(second.access_token)).body, inactive);
    await registerClient(server.db, { id: removed.id, allowed, defaultResource: api });
    await server.db.query(
      sql`update clients set created_at = now() + interval '10 seconds' where id = ${removed.id}`,
    );
    assert.deepEqual((await introspect(second.access_token)).body, inactive);
  });

  it('when its person is disabled', async () => {
    const account = { email: 'jwt@example.com', password: 'a password of this test alone' };
    const added = await addUser(server.db, {
      email: account.email,
      passwordHash: await hashPassword(account.password),
    });
    assert.ok('user' in added);
    const { access_token } = await letDeviceIn(server.issuer, { client_id: device.id }, account);
    assert.equal((await introspect(access_token)).body.active, true);
    await disableUser(server.db, added.user.id);
    assert.deepEqual((await introspect(access_token)).body, inactive);
  });
});
