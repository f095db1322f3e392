import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { demoCli, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { introspect, post, requestMachineToken } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const other = { uri: 'https://other.example.com', name: 'Other', scopes: { read: 'Read' } };

let server: TestServer;
let otherApi: TestClient;
before(async () => {
  server = await startServer();
  await addResource(server.db, other);
  otherApi = await registerClient(server.db, {
    grantTypes: [],
    allowed: {},
    defaultResource: undefined,
    audiences: [other.uri],
  });
});
after(() => server.stop());

const inactive = { active: false };

/** What a client is told about a token. */
const ask = async (client: TestClient, token: string, form: Record<string, string> = {}) =>
  (await post(`${server.issuer}/oauth/introspect`, { token, ...form }, { basic: client.basic })).body;

describe('a client that is neither audience nor owner of a token (RFC 7662 section 4)', () => {
  it('is told active: false and nothing else, whatever the hint', async () => {
    const machine = (await requestMachineToken(server.issuer)).body.access_token;
    const person = await letDeviceIn(server.issuer);
    const sibling = await registerClient(server.db);
    for (const client of [otherApi, sibling]) {
      for (const token of [machine, person.access_token, person.refresh_token]) {
        for (const form of [{}, { token_type_hint: 'access_token' }, { token_type_hint: 'refresh_token' }]) {
          assert.deepEqual(await ask(client, token, form), inactive);
        }
      }
    }
    assert.equal((await introspect(server.issuer, machine)).body.active, true);
  });

  it('gains nothing by naming the audience itself', async () => {
    const token = (await requestMachineToken(server.issuer)).body.access_token;
    const form = { resource: demoResource.uri, audience: demoResource.uri, aud: demoResource.uri };
    assert.deepEqual(await ask(otherApi, token, form), inactive);
  });

  it('is told of tokens for its own resource, by the same client too', async () => {
    const machine = await registerClient(server.db, {
      allowed: { [demoResource.uri]: ['read'], [other.uri]: ['read'] },
      defaultResource: demoResource.uri,
    });
    const form = { grant_type: 'client_credentials', resource: other.uri };
    const { body } = await post(`${server.issuer}/oauth/token`, form, { basic: machine.basic });
    assert.equal((await ask(otherApi, body.access_token)).active, true);
    assert.deepEqual((await introspect(server.issuer, body.access_token)).body, inactive);
  });
});

describe('a public client, which anybody can claim to be', () => {
  const askAs = async (client_id: string, token: string) =>
    (await post(`${server.issuer}/oauth/introspect`, { token, client_id })).body;

  it('is told of its own tokens alone', async () => {
    const machine = (await requestMachineToken(server.issuer)).body.access_token;
    const person = await letDeviceIn(server.issuer);
    assert.deepEqual(await askAs(demoCli.id, machine), inactive);
    assert.equal((await askAs(demoCli.id, person.access_token)).active, true);
    const stranger = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
    });
    for (const token of [machine, person.access_token, person.refresh_token]) {
      assert.deepEqual(await askAs(stranger.id, token), inactive);
    }
  });
});

describe('a JWT', () => {
  const signed = { accept: 'application/token-introspection+jwt' };
  let jwt: string;
  let persons: Awaited<ReturnType<typeof letDeviceIn>>;
  before(async () => {
    await server.db.query(sql`update resources set access_token_format = 'jwt'`);
    jwt = (await requestMachineToken(server.issuer)).body.access_token;
    persons = await letDeviceIn(server.issuer);
  });

  it('is found by its audience whatever the hint says', async () => {
    for (const token of [jwt, persons.access_token]) {
      for (const token_type_hint of ['access_token', 'refresh_token', 'device_code', 'nonsense', '\0']) {
        const { body } = await introspect(server.issuer, token, { token_type_hint });
        assert.equal(body.active, true, token_type_hint);
      }
    }
  });

  it('is active: false and nothing else to who is neither audience nor owner, signed or not', async () => {
    const sibling = await registerClient(server.db);
    for (const { basic } of [otherApi, sibling]) {
      for (const token of [jwt, persons.access_token]) {
        for (const form of [{}, { token_type_hint: 'access_token' }, { token_type_hint: 'refresh_token' }]) {
          const url = `${server.issuer}/oauth/introspect`;
          assert.deepEqual((await post(url, { token, ...form }, { basic })).body, inactive);
          const { body } = await post(url, { token, ...form }, { basic, headers: signed });
          assert.deepEqual(decodeJwt(body).token_introspection, inactive);
        }
      }
    }
  });

  it('is told to a public client only if it is its own', async () => {
    const askAs = async (client_id: string, token: string) =>
      (await post(`${server.issuer}/oauth/introspect`, { token, client_id })).body;
    assert.deepEqual(await askAs(demoCli.id, jwt), inactive);
    assert.equal((await askAs(demoCli.id, persons.access_token)).active, true);
  });
});
