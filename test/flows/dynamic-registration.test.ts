import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { runCommand } from '../cli/terminal.ts';
import { introspect, post, refresh } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import {
  demoPolicy,
  issueInitialAccessToken,
  register,
  registerMachine,
  send,
} from '../support/dynamic-client.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const otherApi = 'https://other.example.com';

let server: TestServer;
let token: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_REGISTRATION: 'on' } });
  await addResource(server.db, { uri: otherApi, name: 'Other', scopes: { read: 'See', list: 'List' } });
  token = await issueInitialAccessToken(server.db);
});
after(() => server.stop());

function requestToken(
  { client_id, client_secret }: Record<string, string>,
  form: Record<string, string> = {},
) {
  const basic = `${client_id}:${client_secret}`;
  return post(`${server.issuer}/oauth/token`, { grant_type: 'client_credentials', ...form }, { basic });
}

describe('a client that registers itself (RFC 7591)', () => {
  it('is told everything that was registered, and its secret this once', async () => {
    const { status, headers, body } = await register(server.issuer, token, {
      client_name: 'Build worker 7',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_post',
      scope: 'read',
      client_uri: 'https://worker.example.com/about',
      contacts: ['ops@example.com'],
      software_id: 'worker',
      software_version: '7.0',
      dpop_bound_access_tokens: false,
      response_types: [],
      redirect_uris: [],
      logo_uri: null,
      something_new: { that: ['nobody knows'] },
    });
    assert.equal(status, 201);
    assert.equal(headers.get('cache-control'), 'no-store');
    const { client_id, client_secret, client_id_issued_at, registration_access_token, ...rest } = body;
    assert.match(client_id, /^client-[0-9A-Za-z]{22}$/);
    assert.match(client_secret, /^pst_cs_/);
    assert.match(registration_access_token, /^pst_ra_/);
    assert.ok(Number.isInteger(client_id_issued_at));
    assert.deepEqual(rest, {
      client_name: 'Build worker 7',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['client_credentials'],
      dpop_bound_access_tokens: false,
      tls_client_certificate_bound_access_tokens: false,
      scope: 'read',
      response_types: [],
      client_uri: 'https://worker.example.com/about',
      contacts: ['ops@example.com'],
      software_id: 'worker',
      software_version: '7.0',
      client_secret_expires_at: 0,
      registration_client_uri: `${server.issuer}/oauth/register/${client_id}`,
    });
    const { body: tokens } = await requestToken(body);
    assert.equal(tokens.scope, 'read');
    assert.equal((await requestToken(body, { scope: 'write' })).body.error, 'invalid_scope');
  });

  it('gets from its policy what it leaves out', async () => {
    const policy = { ...demoPolicy, authenticationMethods: ['none' as const] };
    const only = await issueInitialAccessToken(server.db, { policy });
    for (const [given, method, grants, scope] of [
      [token, 'client_secret_basic', ['client_credentials'], 'read write'],
      [only, 'none', ['refresh_token', deviceGrant], 'read write offline_access'],
    ] as const) {
      const { status, body } = await register(server.issuer, given, {});
      assert.equal(status, 201);
      assert.equal(body.token_endpoint_auth_method, method);
      assert.deepEqual(body.grant_types, grants);
      assert.equal(body.client_name, body.client_id);
      assert.equal(body.scope, scope);
      assert.equal('client_secret' in body, method !== 'none');
    }
  });

  it('may have a scope at every resource of its policy that has it', async () => {
    const policy = {
      ...demoPolicy,
      allowed: { ...demoPolicy.allowed, [otherApi]: ['read', 'list'] },
      defaultResource: otherApi,
    };
    const both = await issueInitialAccessToken(server.db, { policy });
    const reader = await registerMachine(server.issuer, both, { scope: 'read' });
    for (const [resource, aud] of [
      [demoResource.uri, demoResource.uri],
      [undefined, otherApi],
    ] as const) {
      const { status } = await requestToken(reader, { scope: 'read', ...(resource && { resource }) });
      assert.equal(status, 200, aud);
    }
    const writer = await registerMachine(server.issuer, both, { scope: 'write' });
    const { body } = await requestToken(writer);
    assert.equal((await introspect(server.issuer, body.access_token)).body.aud, demoResource.uri);
    assert.equal((await requestToken(writer, { resource: otherApi })).body.error, 'invalid_target');
  });

  it('may be a device that people let in', async () => {
    const { body } = await register(server.issuer, token, {
      client_name: 'A lamp',
      token_endpoint_auth_method: 'none',
      grant_types: [deviceGrant, 'refresh_token'],
      scope: 'read offline_access',
    });
    assert.equal(body.scope, 'read offline_access');
    const { client_id } = body;
    const { refresh_token } = await letDeviceIn(server.issuer, { client_id, scope: 'read offline_access' });
    assert.equal((await refresh(server.issuer, refresh_token, { client_id })).status, 200);
  });

  it('may have keys instead of a secret', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const { client_id, ...rest } = await registerMachine(server.issuer, token, {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k' }] },
    });
    assert.ok(!('client_secret' in rest));
    const assertion = await new SignJWT({ jti: 'once' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer(client_id)
      .setSubject(client_id)
      .setAudience(server.issuer)
      .setExpirationTime('1m')
      .sign(privateKey);
    const { status } = await post(`${server.issuer}/oauth/token`, {
      grant_type: 'client_credentials',
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    assert.equal(status, 200);
  });

  it('is refused in the words of section 3.2.2, and spends no use', async () => {
    const once = await issueInitialAccessToken(server.db, { uses: 1 });
    const wrong: [string, unknown][] = [
      ['invalid_redirect_uri', { redirect_uris: ['https://client.example.com/callback'] }],
      ['invalid_redirect_uri', { redirect_uris: 'x' }],
      ['invalid_software_statement', { software_statement: 'eyJhbGciOiJub25lIn0.e30.' }],
      ['invalid_client_metadata', { response_types: ['code'] }],
      ['invalid_client_metadata', { grant_types: ['authorization_code'] }],
      ['invalid_client_metadata', { grant_types: [] }],
      ['invalid_client_metadata', { grant_types: 'client_credentials' }],
      ['invalid_client_metadata', { grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'] }],
      [
        'invalid_client_metadata',
        { grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' },
      ],
      ['invalid_client_metadata', { token_endpoint_auth_method: 'client_secret_jwt' }],
      ['invalid_client_metadata', { token_endpoint_auth_method: 'private_key_jwt' }],
      ['invalid_client_metadata', { scope: 'read admin' }],
      ['invalid_client_metadata', { scope: ['read'] }],
      ['invalid_client_metadata', { grant_types: ['client_credentials'], scope: 'offline_access' }],
      ['invalid_client_metadata', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
      ['invalid_client_metadata', { client_name: 7 }],
      ['invalid_client_metadata', { client_name: `Lamp ${token}` }],
      ['invalid_client_metadata', { client_uri: 'javascript:alert(1)' }],
      ['invalid_client_metadata', { contacts: 'me' }],
      ['invalid_client_metadata', []],
      ['invalid_client_metadata', 'null'],
      ['invalid_client_metadata', '{"client_name": '],
    ];
    for (const [error, metadata] of wrong) {
      const { status, headers, body } = await register(server.issuer, once, metadata);
      assert.deepEqual([status, body.error], [400, error], JSON.stringify([metadata, body]));
      assert.match(body.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
      assert.equal(headers.get('cache-control'), 'no-store');
    }
    assert.equal((await register(server.issuer, once, {})).status, 201);
    assert.equal((await register(server.issuer, once, {})).status, 401);
  });

  it('is told of another content type, and of a method that there is not', async () => {
    const url = `${server.issuer}/oauth/register`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await send('POST', url, token, 'client_name=x', form)).status, 415);
    assert.equal((await send('POST', url, token)).status, 415);
    const { status, headers } = await send('GET', url, token);
    assert.deepEqual([status, headers.get('allow')], [405, 'POST, OPTIONS']);
  });
});

describe('a client that manages its registration (RFC 7592)', () => {
  const told = ['client_id_issued_at', 'registration_client_uri', 'registration_access_token'];

  /** What an update sends: the answer before it, without what only the server tells, and changed. */
  function changed(information: Record<string, unknown>, changes: Record<string, unknown>) {
    const kept = Object.entries(information).filter(
      ([name]) => ![...told, 'client_secret_expires_at'].includes(name),
    );
    return { ...Object.fromEntries(kept), ...changes };
  }

  it('reads it, without its secret', async () => {
    const client = await registerMachine(server.issuer, token, { client_uri: 'https://m.example.com' });
    const { status, headers, body } = await send(
      'GET',
      client.registration_client_uri,
      client.registration_access_token,
    );
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    const { client_secret: _, client_secret_expires_at: __, ...rest } = client;
    assert.deepEqual(body, rest);
  });

  it('replaces it as a whole, and keeps its id, its secret and its age', async () => {
    const client = await registerMachine(server.issuer, token, { client_uri: 'https://m.example.com' });
    const update = { client_id: client.client_id, client_name: 'Another name', scope: 'write' };
    const { status, body } = await send(
      'PUT',
      client.registration_client_uri,
      client.registration_access_token,
      { ...update, client_secret: client.client_secret, grant_types: ['client_credentials'] },
    );
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.client_name, body.scope], ['Another name', 'write']);
    for (const name of ['client_uri', 'client_secret']) assert.ok(!(name in body), name);
    assert.equal(body.client_id_issued_at, client.client_id_issued_at);
    assert.equal((await requestToken(client)).body.scope, 'write');
    const { body: read } = await send('GET', body.registration_client_uri, body.registration_access_token);
    assert.deepEqual(read, body);
  });

  it('takes an update of what it was told itself', async () => {
    const client = await registerMachine(server.issuer, token);
    const { registration_client_uri: url } = client;
    const { status } = await send('PUT', url, client.registration_access_token, changed(client, {}));
    assert.equal(status, 200);
  });

  it('gets a secret when it needs one, and loses it when it does not', async () => {
    const { body: lamp } = await register(server.issuer, token, {
      token_endpoint_auth_method: 'none',
      grant_types: [deviceGrant],
    });
    const { registration_client_uri: url, registration_access_token: access } = lamp;
    const confidential = { token_endpoint_auth_method: 'client_secret_basic' };
    const { body: first } = await send('PUT', url, access, {
      ...changed(lamp, confidential),
      grant_types: ['client_credentials'],
    });
    assert.deepEqual([typeof first.client_secret, first.client_secret_expires_at], ['string', 0]);
    assert.equal((await requestToken(first)).status, 200);
    const next = first.registration_access_token;
    assert.equal((await send('PUT', url, next, changed(lamp, {}))).status, 200);
    const [row] = await server.db.query<{ count: number }>(
      sql`select count(*)::integer from client_secrets where client_id = ${lamp.client_id}`,
    );
    assert.equal(row?.count, 0);
  });

  it('may turn to a certificate, and away from it', async () => {
    const authenticationMethods = ['client_secret_basic' as const, 'tls_client_auth' as const];
    const policy = { ...demoPolicy, authenticationMethods };
    const both = await issueInitialAccessToken(server.db, { policy });
    const client = await registerMachine(server.issuer, both);
    const { registration_client_uri: url, registration_access_token: access } = client;
    const certificate = {
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'worker.example.com',
      tls_client_certificate_bound_access_tokens: true,
    };
    const { client_secret: _, ...withoutSecret } = changed(client, certificate) as Record<string, unknown>;
    const { status, body } = await send('PUT', url, access, withoutSecret);
    assert.equal(status, 200, JSON.stringify(body));
    for (const [name, value] of Object.entries(certificate)) assert.equal(body[name], value, name);
    const back = await send(
      'PUT',
      url,
      body.registration_access_token,
      changed(client, { client_secret: null }),
    );
    assert.equal(back.status, 200, JSON.stringify(back.body));
    assert.ok(!('tls_client_auth_san_dns' in back.body));
    assert.equal((await requestToken(back.body)).status, 200);
  });

  it('gets the next token with each update, and loses the one before when it uses that', async () => {
    const client = await registerMachine(server.issuer, token);
    const { registration_client_uri: url, registration_access_token: first } = client;
    const update = changed(client, {});
    // The answer to the first one was lost, so the client asks again.
    const lost = await send('PUT', url, first, update);
    const { body } = await send('PUT', url, first, update);
    assert.notEqual(body.registration_access_token, first);
    assert.equal(body.registration_access_token, lost.body.registration_access_token);
    assert.equal((await send('GET', url, first)).status, 200);
    const read = await send('GET', url, body.registration_access_token);
    assert.equal(read.body.registration_access_token, body.registration_access_token);
    assert.equal((await send('GET', url, first)).status, 401);
    assert.equal((await send('PUT', url, body.registration_access_token, update)).status, 200);
  });

  it('is refused an update that names another client, a secret, or what only the server tells', async () => {
    const client = await registerMachine(server.issuer, token);
    const { registration_client_uri: url, registration_access_token: access } = client;
    for (const change of [
      { client_id: 'demo-machine' },
      { client_id: undefined },
      { client_secret: 'a-secret-of-my-own-choice' },
      { client_secret: 7 },
      { registration_access_token: access },
      { registration_client_uri: url },
      { client_id_issued_at: 1 },
      { client_secret_expires_at: 0 },
    ]) {
      const { status, body } = await send('PUT', url, access, changed(client, change));
      assert.deepEqual([status, body.error], [400, 'invalid_client_metadata'], JSON.stringify(change));
    }
    assert.equal((await requestToken(client)).status, 200);
  });

  it('deletes itself, with its tokens', async () => {
    const { body: lamp } = await register(server.issuer, token, {
      token_endpoint_auth_method: 'none',
      grant_types: [deviceGrant, 'refresh_token'],
    });
    const { client_id, registration_client_uri: url, registration_access_token: access } = lamp;
    const tokens = await letDeviceIn(server.issuer, { client_id });
    const { status, body } = await send('DELETE', url, access);
    assert.deepEqual([status, body], [204, undefined]);
    assert.deepEqual((await introspect(server.issuer, tokens.access_token)).body, { active: false });
    assert.equal((await refresh(server.issuer, tokens.refresh_token, { client_id })).status, 401);
    for (const method of ['GET', 'DELETE'] as const)
      assert.equal((await send(method, url, access)).status, 401, method);
  });

  it('may not manage itself while it is disabled', async () => {
    const client = await registerMachine(server.issuer, token);
    const { client_id, registration_client_uri: url, registration_access_token: access } = client;
    await server.db.query(sql`update clients set disabled_at = now() where id = ${client_id}`);
    for (const [method, metadata] of [['GET'], ['PUT', changed(client, {})], ['DELETE']] as const)
      assert.equal((await send(method, url, access, metadata)).status, 403, method);
    await server.db.query(sql`update clients set disabled_at = null where id = ${client_id}`);
    assert.equal((await send('GET', url, access)).status, 200);
  });
});

describe('postern initial-access-token', () => {
  const env = () => ({ DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret });
  const postern = (...args: string[]) => runCommand(['initial-access-token', ...args], { env: env() });

  it('makes a token that is shown once, lists it, and ends it', async () => {
    const added = await postern(
      ...['add', '--name', 'farm', '--grant', 'client_credentials', '--uses', '2', '--lifetime', '1h'],
      ...['--allow', `${demoResource.uri}=read`, '--json'],
    );
    assert.equal(added.exitCode, 0, added.stderr);
    const { initial_access_token: made } = JSON.parse(added.stdout);
    assert.match(made, /^pst_it_/);
    const { client_id } = await registerMachine(server.issuer, made);
    const list = await postern('list', '--json');
    assert.ok(!list.stdout.includes(made));
    const [farm] = JSON.parse(list.stdout).filter(({ name }: { name: string }) => name === 'farm');
    assert.deepEqual([farm.live, farm.uses_left, farm.clients], [true, 1, 1]);
    assert.deepEqual(farm.resources, { [demoResource.uri]: ['read'] });
    const { stdout } = await runCommand(['client', 'show', client_id, '--json'], { env: env() });
    assert.equal(JSON.parse(stdout).registered_with, 'farm');
    assert.equal((await postern('remove', 'farm')).exitCode, 0);
    assert.equal((await register(server.issuer, made, {})).status, 401);
    assert.equal((await postern('remove', 'farm')).exitCode, 1);
  });

  it('names every flag that is wrong, and what is not there', async () => {
    const { exitCode, stderr } = await postern('add', '--uses', 'many', '--lifetime', 'long', '--auth', 'x');
    assert.equal(exitCode, 2);
    for (const flag of ['--name', '--uses', '--lifetime', '--auth', '--grant', '--allow'])
      assert.match(stderr, new RegExp(`^ +${flag}[: ]`, 'm'), flag);
    const grant = ['--name', 'x', '--grant', 'client_credentials'];
    const unknown = await postern('add', ...grant, '--allow', `${demoResource.uri}=admin`);
    assert.match(unknown.stderr, /There is no scope admin at https:\/\/api\.example\.com/);
    const exchange = await postern('add', '--name', 'x', '--grant', 'token-exchange', '--allow', 'x=y');
    assert.match(exchange.stderr, /--grant: leave token-exchange out/);
  });
});
