import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoCli } from '../../src/development.ts';
import { createApiCaller } from '../support/api.ts';
import { poll, requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

describe('the command-line tool of a customer', () => {
  it('logs a person in by the device flow, and spells its header from the token response', async () => {
    const { issuer, db } = server;
    const resource = `${issuer}/api`;
    const { id } = await registerClient(db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
      allowed: { [resource]: ['tokens:read'] },
      defaultResource: resource,
    });
    const client = { client_id: id };
    const { body: device } = await requestDevice(issuer, { ...client, scope: 'tokens:read' });
    const person = createPerson(issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const { status, body } = await poll(issuer, device.device_code, client);
    assert.equal(status, 200);

    const call = createApiCaller(issuer, { authorization: `${body.token_type} ${body.access_token}` });
    assert.equal((await call('GET', '/users/me')).body.presented, 'access_token');
    assert.equal((await call('GET', '/tokens')).status, 200);
    assert.equal((await call('GET', '/members')).status, 403, 'it was not asked for');
    assert.notEqual(id, demoCli.id);
  });
});
