import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { disableClient, enableClient, removeClient } from '../../src/clients/client.ts';
import { sql } from '../../src/postgres/sql.ts';
import { randomText } from '../../src/secret.ts';
import { hashPassword } from '../../src/users/password.ts';
import { addUser, disableUser } from '../../src/users/user.ts';
import { introspect, poll, post, requestDevice } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { createPerson } from '../support/person.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const password = 'a password of this test alone';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

let server: TestServer;
let passwordHash: string;
before(async () => {
  server = await startServer();
  passwordHash = await hashPassword(password);
});
after(() => server.stop());

const inactive = { active: false };

async function addPerson(): Promise<{ id: string; email: string; password: string }> {
  const email = `${randomText(12).toLowerCase()}@example.com`;
  const added = await addUser(server.db, { email, passwordHash });
  assert.ok('user' in added);
  return { id: added.user.id, email, password };
}

const addDevice = (): Promise<TestClient> =>
  registerClient(server.db, { authentication: 'none', grantTypes: [deviceGrant, 'refresh_token'] });

const refreshAs = (client: TestClient, refresh_token: string) =>
  post(`${server.issuer}/oauth/token`, { grant_type: 'refresh_token', client_id: client.id, refresh_token });

const requestToken = ({ basic }: TestClient) =>
  post(`${server.issuer}/oauth/token`, { grant_type: 'client_credentials' }, { basic });

describe('a client that is disabled', () => {
  it('authenticates no more, and its tokens are inactive at once', async () => {
    const client = await registerClient(server.db);
    const { body } = await requestToken(client);
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);
    await disableClient(server.db, client.id);
    assert.deepEqual((await introspect(server.issuer, body.access_token)).body, inactive);
    assert.deepEqual((await requestToken(client)).body.error, 'invalid_client');
    await enableClient(server.db, client.id);
    assert.equal((await requestToken(client)).status, 200);
  });

  it('refreshes and redeems no more', async () => {
    const client = await addDevice();
    const tokens = await letDeviceIn(server.issuer, { client_id: client.id });
    const { body: device } = await requestDevice(server.issuer, { client_id: client.id });
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    await disableClient(server.db, client.id);
    assert.deepEqual((await introspect(server.issuer, tokens.access_token)).body, inactive);
    for (const refused of [
      await refreshAs(client, tokens.refresh_token),
      await poll(server.issuer, device.device_code, { client_id: client.id }),
    ]) {
      assert.deepEqual([refused.status, refused.body.error], [401, 'invalid_client']);
    }
  });

  it('while somebody asks about its token fails nobody', async () => {
    const client = await addDevice();
    const { access_token } = await letDeviceIn(server.issuer, { client_id: client.id });
    const asked = await server.db.transaction(async (tx) => {
      // The client has been found when the person is looked for.
      await tx.query(sql`lock table users in access exclusive mode`);
      const answer = introspect(server.issuer, access_token);
      const waiting = sql`
        select from pg_locks
        where database = (select oid from pg_database where datname = current_database())
          and relation = 'users'::regclass and not granted`;
      await until(async () => (await server.db.query(waiting)).length > 0);
      await disableClient(server.db, client.id);
      return { answer };
    });
    const { status, body } = await asked.answer;
    assert.deepEqual([status, typeof body.active], [200, 'boolean']);
    assert.deepEqual((await introspect(server.issuer, access_token)).body, inactive);
  });

  it('introspects no more', async () => {
    const client = await registerClient(server.db);
    const { body } = await requestToken(client);
    await disableClient(server.db, client.id);
    const url = `${server.issuer}/oauth/introspect`;
    const { status } = await post(url, { token: body.access_token }, { basic: client.basic });
    assert.equal(status, 401);
  });
});

describe('a client that is removed', () => {
  it('leaves nothing to another client that is registered under its id', async () => {
    const machine = await registerClient(server.db);
    const { body: machineToken } = await requestToken(machine);
    const device = await addDevice();
    const tokens = await letDeviceIn(server.issuer, { client_id: device.id });
    const { body: asked } = await requestDevice(server.issuer, { client_id: device.id });
    const person = createPerson(server.issuer);
    await person.enterCode(asked.user_code);
    await person.decide('allow');
    for (const { id } of [machine, device]) await removeClient(server.db, id);
    const secondMachine = await registerClient(server.db, { id: machine.id });
    await registerClient(server.db, {
      id: device.id,
      authentication: 'none',
      grantTypes: [deviceGrant, 'refresh_token'],
    });
    for (const token of [machineToken.access_token, tokens.access_token]) {
      assert.deepEqual((await introspect(server.issuer, token)).body, inactive);
    }
    assert.equal((await refreshAs(device, tokens.refresh_token)).body.error, 'invalid_grant');
    const late = await poll(server.issuer, asked.device_code, { client_id: device.id });
    assert.equal(late.body.error, 'invalid_grant');
    const { body: fresh } = await requestToken(secondMachine);
    assert.equal((await introspect(server.issuer, fresh.access_token)).body.active, true);
  });

  it('leaves tokens behind that are inactive', async () => {
    const machine = await registerClient(server.db);
    const device = await addDevice();
    const tokens = [
      (await requestToken(machine)).body.access_token,
      (await letDeviceIn(server.issuer, { client_id: device.id })).access_token,
    ];
    for (const { id } of [machine, device]) await removeClient(server.db, id);
    for (const token of tokens) {
      const { status, body } = await introspect(server.issuer, token);
      assert.deepEqual([status, body], [200, inactive]);
    }
  });
});

for (const [what, end] of Object.entries({
  disabled: (id: string) => disableUser(server.db, id),
  deleted: (id: string) => server.db.query(sql`delete from users where id = ${id}`),
})) {
  describe(`a person who is ${what}`, () => {
    it('has no active token any more, and none can be refreshed', async () => {
      const person = await addPerson();
      const client = await addDevice();
      const tokens = await letDeviceIn(server.issuer, { client_id: client.id }, person);
      assert.equal((await introspect(server.issuer, tokens.access_token)).body.active, true);
      await end(person.id);
      assert.deepEqual((await introspect(server.issuer, tokens.access_token)).body, inactive);
      const form = { token: tokens.refresh_token, client_id: client.id };
      assert.deepEqual((await post(`${server.issuer}/oauth/introspect`, form)).body, inactive);
      const { status, body } = await refreshAs(client, tokens.refresh_token);
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    });

    it('lets no device in that was approved before', async () => {
      const account = await addPerson();
      const { body: device } = await requestDevice(server.issuer);
      const person = createPerson(server.issuer);
      await person.enterCode(device.user_code, account);
      await person.decide('allow');
      await end(account.id);
      const { status, body } = await poll(server.issuer, device.device_code);
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    });

    it('approves no device', async () => {
      const account = await addPerson();
      const { body: device } = await requestDevice(server.issuer);
      const person = createPerson(server.issuer);
      await person.enterCode(device.user_code, account);
      await end(account.id);
      await person.decide('allow');
      const { status, body } = await poll(server.issuer, device.device_code);
      assert.deepEqual([status, body.error], [400, 'authorization_pending']);
    });
  });
}
