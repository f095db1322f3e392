import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { disableClient, removeClient } from '../../src/clients/client.ts';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { randomText } from '../../src/secret.ts';
import { hashPassword } from '../../src/users/password.ts';
import { addUser, disableUser } from '../../src/users/user.ts';
import { registerKeyHolder } from '../support/assertion.ts';
import { type Answer, introspect, post } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import { createBoundDevice, createProver } from '../support/proof.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const password = 'a password of this test alone';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

let server: TestServer;
let gateway: TestClient;
let inner: TestClient;
let passwordHash: string;
before(async () => {
  server = await startServer();
  ({ gateway, inner } = await registerGateway(server.db, demoResource.uri));
  await server.db.query(sql`update resources set access_token_format = 'jwt'`);
  passwordHash = await hashPassword(password);
});
after(() => server.stop());

const inactive = { active: false };

const addDevice = () =>
  registerClient(server.db, { authentication: 'none', grantTypes: [deviceGrant, 'refresh_token'] });

async function addPerson() {
  const email = `${randomText(12).toLowerCase()}@example.com`;
  const added = await addUser(server.db, { email, passwordHash });
  assert.ok('user' in added);
  return { id: added.user.id, email, password };
}

const exchange = (subject: string, client = gateway): Promise<Answer> =>
  post(
    `${server.issuer}/oauth/token`,
    { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType },
    { basic: client.basic },
  );

const introspectInner = async (token: string) =>
  (await post(`${server.issuer}/oauth/introspect`, { token }, { basic: inner.basic })).body;

/** A JWT, and one that was got for it for the next API; both are alive. */
async function withExchanged(token: string): Promise<{ token: string; exchanged: string }> {
  assert.equal((await introspect(server.issuer, token)).body.active, true);
  const { status, body } = await exchange(token);
  assert.equal(status, 200);
  assert.ok(decodeJwt(body.access_token).lineage);
  assert.equal((await introspectInner(body.access_token)).active, true);
  return { token, exchanged: body.access_token };
}

/** Neither is told anything of, nor exchanged for anything. */
async function assertDead({ token, exchanged }: { token: string; exchanged: string }): Promise<void> {
  assert.deepEqual((await introspect(server.issuer, token)).body, inactive);
  assert.deepEqual(await introspectInner(exchanged), inactive);
  for (const subject of [token, exchanged]) {
    const { status, body } = await exchange(subject);
    assert.deepEqual([status, body.error], [400, 'invalid_request']);
  }
}

for (const [what, end] of Object.entries({
  disabled: (id: string) => disableUser(server.db, id),
  deleted: (id: string) => server.db.query(sql`delete from users where id = ${id}`),
})) {
  describe(`a person who is ${what}`, () => {
    it('has no active JWT any more, nor one that was exchanged for it', async () => {
      const [person, device] = await Promise.all([addPerson(), addDevice()]);
      const tokens = await letDeviceIn(server.issuer, { client_id: device.id }, person);
      const both = await withExchanged(tokens.access_token);
      await end(person.id);
      await assertDead(both);
      const form = { grant_type: 'refresh_token', client_id: device.id, refresh_token: tokens.refresh_token };
      const { status, body } = await post(`${server.issuer}/oauth/token`, form);
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    });
  });
}

for (const [what, end] of Object.entries({ disabled: disableClient, removed: removeClient })) {
  describe(`a client that is ${what}`, () => {
    it('has no active JWT any more, of a person or its own, nor one that was exchanged for it', async () => {
      const [device, machine] = await Promise.all([addDevice(), registerClient(server.db)]);
      const persons = await letDeviceIn(server.issuer, { client_id: device.id });
      const form = { grant_type: 'client_credentials' };
      const own = await post(`${server.issuer}/oauth/token`, form, { basic: machine.basic });
      const pairs = [await withExchanged(persons.access_token), await withExchanged(own.body.access_token)];
      for (const { id } of [device, machine]) await end(server.db, id);
      for (const pair of pairs) await assertDead(pair);
    });

    it('has no active token any more that it got by exchange itself', async () => {
      const device = await addDevice();
      const { access_token } = await letDeviceIn(server.issuer, { client_id: device.id });
      const other = await registerClient(server.db, {
        grantTypes: [exchangeGrant],
        allowed: { [demoResource.uri]: ['read'] },
        exchanges: { [demoResource.uri]: [demoResource.uri] },
      });
      const { body } = await exchange(access_token, other);
      assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);
      await end(server.db, other.id);
      assert.deepEqual((await introspect(server.issuer, body.access_token)).body, inactive);
    });

    it('authenticates no more with its key', async () => {
      const holder = await registerKeyHolder(server.db);
      const form = { grant_type: 'client_credentials' };
      const ask = async () =>
        post(`${server.issuer}/oauth/token`, { ...form, ...(await holder.credentials(server.issuer)) });
      const { status, body: tokens } = await ask();
      assert.equal(status, 200);
      await end(server.db, holder.id);
      assert.deepEqual([(await ask()).status, (await ask()).body.error], [401, 'invalid_client']);
      assert.deepEqual((await introspect(server.issuer, tokens.access_token)).body, inactive);
    });

    it('redeems and refreshes no more with the key that its code is bound to', async () => {
      const prover = await createProver();
      const bound = createBoundDevice(server.issuer, prover, (await addDevice()).id);
      const tokens = await bound.signIn();
      const code = await bound.approvedCode();
      await end(server.db, String(decodeJwt(tokens.access_token).client_id));
      for (const answer of [await bound.refresh(tokens.refresh_token), await bound.poll(code)]) {
        assert.deepEqual([answer.status, answer.body.error], [401, 'invalid_client']);
      }
      assert.deepEqual((await introspect(server.issuer, tokens.access_token)).body, inactive);
    });
  });
}
