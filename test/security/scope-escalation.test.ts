import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { introspect, poll, post, requestDevice } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const resource = 'https://scopes.example.com';
const known = ['read', 'write', 'admin', 'read:all', 'READ', 'toString'];
const strange = ['openid', 'offline_access', '*', 'read,write', 'unknown', '__proto__'];

let server: TestServer;
before(async () => {
  server = await startServer();
  const scopes = Object.fromEntries(known.map((scope) => [scope, scope]));
  await addResource(server.db, { uri: resource, name: 'Scopes', scopes });
});
after(() => server.stop());

const allowLists = fc.uniqueArray(fc.constantFrom(...known), { minLength: 1 });
const requests = fc.option(fc.array(fc.constantFrom(...known, ...strange), { minLength: 1, maxLength: 5 }), {
  nil: undefined,
});

/** What must be granted; nothing where it must be `invalid_scope`. */
function expected(allowed: string[], requested: string[] | undefined): Set<string> | undefined {
  if (requested === undefined) return new Set(allowed);
  return requested.every((scope) => allowed.includes(scope)) ? new Set(requested) : undefined;
}

const scopeForm = (requested: string[] | undefined): Record<string, string> =>
  requested === undefined ? {} : { scope: requested.join(' ') };

const split = (scope: string): Set<string> => new Set(scope.split(' '));

describe('a client that asks for more than it may have', () => {
  it('is given what it asked for and may have, or invalid_scope (client credentials)', async () => {
    await fc.assert(
      fc.asyncProperty(allowLists, requests, async (allowed, requested) => {
        const { basic } = await registerClient(server.db, {
          allowed: { [resource]: allowed },
          defaultResource: resource,
        });
        const form = { grant_type: 'client_credentials', ...scopeForm(requested) };
        const { status, body } = await post(`${server.issuer}/oauth/token`, form, { basic });
        const granted = expected(allowed, requested);
        if (granted === undefined) {
          assert.deepEqual([status, body.error, body.access_token], [400, 'invalid_scope', undefined]);
          return;
        }
        assert.equal(status, 200);
        assert.deepEqual(split(body.scope), granted);
        const seen = await post(`${server.issuer}/oauth/introspect`, { token: body.access_token }, { basic });
        assert.deepEqual(split(seen.body.scope), granted);
      }),
      { numRuns: 60 },
    );
  });

  it('is refused before a person is asked (device authorization)', async () => {
    await fc.assert(
      fc.asyncProperty(allowLists, requests, async (allowed, requested) => {
        const { id } = await registerClient(server.db, {
          authentication: 'none',
          grantTypes: [deviceGrant],
          allowed: { [resource]: allowed },
          defaultResource: resource,
        });
        const { status, body } = await post(`${server.issuer}/oauth/device_authorization`, {
          client_id: id,
          ...scopeForm(requested),
        });
        if (expected(allowed, requested)) assert.equal(status, 200);
        else assert.deepEqual([status, body.error, body.device_code], [400, 'invalid_scope', undefined]);
      }),
      { numRuns: 60 },
    );
  });

  it('gains nothing when it names scopes again at redemption', async () => {
    const { body: device } = await requestDevice(server.issuer, { scope: 'read' });
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const { body } = await poll(server.issuer, device.device_code, { scope: 'read write offline_access' });
    assert.equal(body.refresh_token, undefined);
    assert.equal((await introspect(server.issuer, body.access_token)).body.scope, 'read');
  });

  it('gains nothing by a refresh (RFC 6749 section 6)', async () => {
    const { refresh_token } = await letDeviceIn(server.issuer, { scope: 'read offline_access' });
    const form = { grant_type: 'refresh_token', client_id: 'demo-cli', refresh_token };
    const wider = await post(`${server.issuer}/oauth/token`, { ...form, scope: 'read write' });
    assert.deepEqual([wider.status, wider.body.error], [400, 'invalid_scope']);
    const same = await post(`${server.issuer}/oauth/token`, form);
    assert.equal(same.body.scope, 'read');
  });

  it('cannot take another resource than the one that was approved', async () => {
    const { id } = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: [deviceGrant, 'refresh_token'],
      allowed: { [demoResource.uri]: ['read'], [resource]: ['read', 'admin'] },
      defaultResource: demoResource.uri,
    });
    const tokens = await letDeviceIn(server.issuer, { client_id: id, scope: 'read offline_access' });
    const form = { grant_type: 'refresh_token', client_id: id, refresh_token: tokens.refresh_token };
    const other = await post(`${server.issuer}/oauth/token`, { ...form, resource });
    assert.deepEqual([other.status, other.body.error], [400, 'invalid_target']);
  });

  it('keeps no scope that was taken from it since, once it refreshes', async () => {
    const { id } = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: [deviceGrant, 'refresh_token'],
      allowed: { [demoResource.uri]: ['read', 'write'] },
    });
    const tokens = await letDeviceIn(server.issuer, { client_id: id });
    await server.db.query(sql`delete from client_scopes where client_id = ${id} and scope = 'write'`);
    const form = { grant_type: 'refresh_token', client_id: id, refresh_token: tokens.refresh_token };
    const { body } = await post(`${server.issuer}/oauth/token`, form);
    assert.equal(body.scope, 'read');
    assert.equal((await introspect(server.issuer, body.access_token)).body.scope, 'read');
  });
});
