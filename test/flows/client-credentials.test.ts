import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Registration } from '../../src/clients/registration.ts';
import { demoCli, demoMachine, demoResource } from '../../src/development.ts';
import { addResource } from '../../src/resources/resource.ts';
import { type Answer, introspect, post, requestMachineToken } from '../support/client.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const files = { uri: 'https://files.example.com/v1', name: 'Files', scopes: { list: 'List', read: 'Read' } };

let server: TestServer;
before(async () => {
  server = await startServer();
  await addResource(server.db, { ...files, accessTokenSeconds: 120 });
});
after(() => server.stop());

/** What a machine with this registration gets when it asks. */
async function requestAs(
  changes: Partial<Registration>,
  form: Record<string, string> | [string, string][] = {},
): Promise<Answer> {
  const { basic } = await registerClient(server.db, changes);
  const asked = Array.isArray(form) ? form : Object.entries(form);
  return post(`${server.issuer}/oauth/token`, [['grant_type', 'client_credentials'], ...asked], { basic });
}

function assertError({ status, headers, body }: Answer, error: string): void {
  assert.deepEqual([status, body.error], [400, error]);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(body.access_token, undefined);
  // RFC 6749 section 5.2 allows no other characters.
  assert.match(body.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
}

describe('the client credentials grant', () => {
  it('answers as RFC 6749 section 5.1 says, without a refresh token', async () => {
    const { status, headers, body } = await requestMachineToken(server.issuer, { scope: 'read write' });
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('pragma'), 'no-cache');
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    const { access_token, ...rest } = body;
    assert.match(access_token, /^pst_at_[0-9A-Za-z]{55}$/);
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'read write' });
  });

  it('takes the credentials in the header and in the form', async () => {
    const { status } = await post(`${server.issuer}/oauth/token`, {
      grant_type: 'client_credentials',
      client_id: demoMachine.id,
      client_secret: demoMachine.secret,
    });
    assert.equal(status, 200);
    assert.equal((await requestMachineToken(server.issuer)).status, 200);
  });

  it('gives every request a token of its own', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => requestMachineToken(server.issuer)));
    assert.equal(new Set(answers.map(({ body }) => body.access_token)).size, 20);
  });
});

describe('the prefix of tokens', () => {
  it('is what the operator sets', async () => {
    const branded = await startServer({
      databaseUrl: server.databaseUrl,
      settings: { POSTERN_TOKEN_PREFIX: 'acme' },
    });
    try {
      const { body: token } = await requestMachineToken(branded.issuer);
      assert.match(token.access_token, /^acme_at_[0-9A-Za-z]{55}$/);
      assert.equal((await introspect(branded.issuer, token.access_token)).body.active, true);
      assert.deepEqual((await introspect(server.issuer, token.access_token)).body, { active: false });
    } finally {
      await branded.stop();
    }
  });
});

describe('the scope of a machine token', () => {
  it('is what was asked for', async () => {
    assert.equal((await requestMachineToken(server.issuer, { scope: 'write' })).body.scope, 'write');
  });

  it('is all that the client may have where none is asked for, and the answer says so', async () => {
    for (const form of [{}, { scope: '' }]) {
      assert.equal((await requestMachineToken(server.issuer, form)).body.scope, 'read write');
    }
  });

  it('names each scope once', async () => {
    assert.equal((await requestMachineToken(server.issuer, { scope: 'read read' })).body.scope, 'read');
  });

  it('is invalid_scope with anything in it that the client may not have', async () => {
    for (const scope of [
      'admin',
      'read admin',
      'READ',
      'openid',
      'read openid',
      'offline_access',
      'read offline_access',
      '__proto__',
      'constructor',
    ]) {
      assertError(await requestMachineToken(server.issuer, { scope }), 'invalid_scope');
    }
  });

  it('is invalid_scope where it does not follow the grammar of RFC 6749 section 3.3', async () => {
    for (const scope of [
      ' ',
      'read  write',
      ' read',
      'read ',
      'read\twrite',
      'read\n',
      'rea"d',
      'r\0',
      'lé',
    ]) {
      assertError(await requestMachineToken(server.issuer, { scope }), 'invalid_scope');
    }
  });

  it('is invalid_request when it is sent twice', async () => {
    const scopes: [string, string][] = [
      ['scope', 'read'],
      ['scope', 'write'],
    ];
    assertError(await requestAs({}, scopes), 'invalid_request');
  });
});

describe('the audience of a machine token', () => {
  const both = { [demoResource.uri]: ['read'], [files.uri]: ['list', 'read'] };

  it('is the default resource of the client, or the resource that it asks for', async () => {
    const changes = { allowed: both, defaultResource: demoResource.uri };
    const first = await requestAs(changes);
    assert.equal((await introspect(server.issuer, first.body.access_token)).body.aud, demoResource.uri);

    const { id, basic } = await registerClient(server.db, changes);
    const form = { grant_type: 'client_credentials', resource: files.uri };
    const second = await post(`${server.issuer}/oauth/token`, form, { basic });
    assert.equal(second.body.scope, 'list read');
    const seen = await post(
      `${server.issuer}/oauth/introspect`,
      { token: second.body.access_token },
      { basic },
    );
    assert.deepEqual([seen.body.aud, seen.body.sub], [files.uri, id]);
  });

  it('decides which scopes there are', async () => {
    const changes = { allowed: both, defaultResource: demoResource.uri };
    assertError(await requestAs(changes, { scope: 'list' }), 'invalid_scope');
    const { body } = await requestAs(changes, { scope: 'list', resource: files.uri });
    assert.equal(body.scope, 'list');
  });

  it('is invalid_target where the client may not ask for it, or cannot', async () => {
    for (const resource of [
      files.uri,
      'https://nobody.example.com',
      `${demoResource.uri}/`,
      demoResource.uri.toUpperCase(),
      `${demoResource.uri}#part`,
      'no address',
      'urn:x\0y',
      '__proto__',
      'constructor:x',
    ]) {
      assertError(await requestMachineToken(server.issuer, { resource }), 'invalid_target');
    }
  });

  it('is invalid_target where the client has no default and asks for none', async () => {
    assertError(await requestAs({ allowed: both, defaultResource: undefined }), 'invalid_target');
  });

  it('is one: two resources are invalid_target, whatever the scope', async () => {
    const asked: [string, string][] = [
      ['resource', demoResource.uri],
      ['resource', files.uri],
    ];
    assertError(await requestAs({ allowed: both }, asked), 'invalid_target');
    assertError(await requestAs({ allowed: both }, [...asked, ['scope', 'list']]), 'invalid_target');
    assertError(await requestAs({}, [...asked.slice(1), ...asked.slice(1)]), 'invalid_target');
  });
});

describe('the lifetime of a machine token', () => {
  it('is an hour unless the resource says otherwise, or before it the client', async () => {
    const allowed = { [files.uri]: ['read'] };
    const lifetime = async (changes: Partial<Registration>) => (await requestAs(changes)).body.expires_in;
    assert.equal(await lifetime({}), 3600);
    assert.equal(await lifetime({ allowed, defaultResource: files.uri }), 120);
    assert.equal(await lifetime({ allowed, defaultResource: files.uri, accessTokenSeconds: 7200 }), 7200);
    assert.equal(await lifetime({ accessTokenSeconds: 1 }), 1);
  });

  it('is what introspection tells', async () => {
    const { body } = await requestAs({ accessTokenSeconds: 1234 });
    const seen = await introspect(server.issuer, body.access_token);
    assert.equal(seen.body.exp - seen.body.iat, 1234);
  });
});

describe('a token request that is wrong', () => {
  it('is invalid_request without a grant_type, with an empty one and with two', async () => {
    const url = `${server.issuer}/oauth/token`;
    const { basic } = await registerClient(server.db);
    const twice: [string, string][] = [
      ['grant_type', 'client_credentials'],
      ['grant_type', 'client_credentials'],
    ];
    for (const form of [{}, { grant_type: '' }, twice]) {
      assertError(await post(url, form, { basic }), 'invalid_request');
    }
  });

  it('is unsupported_grant_type for a grant type that there is not', async () => {
    for (const grant_type of [
      'password',
      'authorization_code',
      'implicit',
      'Client_Credentials',
      '\0',
      '{}',
    ]) {
      assertError(await requestMachineToken(server.issuer, { grant_type }), 'unsupported_grant_type');
    }
  });

  it('is unauthorized_client for a grant type that the client does not have', async () => {
    for (const grant_type of ['refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']) {
      assertError(await requestMachineToken(server.issuer, { grant_type }), 'unauthorized_client');
    }
    const form = { grant_type: 'client_credentials', client_id: demoCli.id };
    assertError(await post(`${server.issuer}/oauth/token`, form), 'unauthorized_client');
    const { basic } = await registerClient(server.db);
    const device = await post(`${server.issuer}/oauth/device_authorization`, { scope: 'read' }, { basic });
    assertError(device, 'unauthorized_client');
  });

  it('may hold parameters that nobody knows', async () => {
    const unknown = { 'a[b]': 'c', software_statement: 'x', request: 'x', request_uri: 'x', audience: 'x' };
    assert.equal((await requestMachineToken(server.issuer, unknown)).status, 200);
  });

  it('may not carry its parameters in the address', async () => {
    const address = `${server.issuer}/oauth/token?grant_type=client_credentials&client_id=${demoMachine.id}`;
    const secret = `&client_secret=${demoMachine.secret}`;
    assert.equal((await post(address + secret, {})).status, 401);
  });
});
