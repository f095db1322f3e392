import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { introspect, poll, requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { createBoundDevice, createProver, type Prover } from '../support/proof.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let owner: Prover;
let thief: Prover;
before(async () => {
  server = await startServer();
  [owner, thief] = await Promise.all([createProver(), createProver()]);
});
after(() => server.stop());

const owners = () => createBoundDevice(server.issuer, owner);

/** Everything that somebody can do with a device code alone. */
async function assertWorthless(deviceCode: string): Promise<void> {
  const forged = await thief.prove(`${server.issuer}/oauth/token`, { header: { jwk: owner.publicJwk } });
  const attempts = {
    'without a proof': await poll(server.issuer, deviceCode),
    'with their own key': await createBoundDevice(server.issuer, thief).poll(deviceCode),
    'with the thumbprint': await poll(server.issuer, deviceCode, { dpop_jkt: owner.thumbprint }),
  };
  for (const [how, { status, body }] of Object.entries(attempts)) {
    assert.deepEqual([status, body.error], [400, 'invalid_grant'], how);
  }
  const { body } = await createBoundDevice(server.issuer, thief).poll(deviceCode, forged);
  assert.equal(body.error, 'invalid_dpop_proof', 'with the owner’s public key');
}

describe('a device code that is bound to a key from the first request', () => {
  it('is worthless to who stole it, before and after the approval, and its owner loses nothing', async () => {
    const { body: asked } = await owners().request();
    await assertWorthless(asked.device_code);
    const first = await owners().poll(asked.device_code);
    assert.equal(first.body.error, 'authorization_pending', 'the thief’s polls were not the owner’s');

    const person = createPerson(server.issuer);
    await person.enterCode(asked.user_code);
    await person.decide('allow');
    await assertWorthless(asked.device_code);
    const { status, body } = await owners().poll(asked.device_code);
    assert.equal(status, 200);
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);
  });

  it('gives its answer again to its owner alone, and later harm comes from its owner alone', async () => {
    const code = await owners().approvedCode();
    const { body } = await owners().poll(code);
    const age = (seconds: number) =>
      server.db.query(
        sql`update device_codes set consumed_at = consumed_at - make_interval(secs => ${seconds})
            where digest = ${sha256(code)}`,
      );
    await age(6);
    await assertWorthless(code);
    assert.deepEqual((await owners().poll(code)).body, body);
    await age(60);
    await assertWorthless(code);
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);
  });

  it('can be bound by the thumbprint alone', async () => {
    const { body } = await requestDevice(server.issuer, { dpop_jkt: owner.thumbprint });
    const person = createPerson(server.issuer);
    await person.enterCode(body.user_code);
    await person.decide('allow');
    await assertWorthless(body.device_code);
    assert.equal((await owners().poll(body.device_code)).body.token_type, 'DPoP');
  });

  it('cannot be bound to another key than the proof’s, nor to what is no thumbprint', async () => {
    const other = await owners().request({ dpop_jkt: thief.thumbprint });
    assert.deepEqual([other.status, other.body.error], [400, 'invalid_request']);
    const same = await owners().request({ dpop_jkt: owner.thumbprint });
    assert.equal(same.status, 200);
    for (const dpop_jkt of ['short', `${owner.thumbprint}=`, 'ä'.repeat(43)]) {
      const { status, body } = await requestDevice(server.issuer, { dpop_jkt });
      assert.deepEqual([status, body.error], [400, 'invalid_request']);
    }
  });
});

describe('the answer to a device code that was redeemed with a key', () => {
  it('is not repeated for another key or for none, though the code itself was not bound', async () => {
    const { body } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(body.user_code);
    await person.decide('allow');
    const first = await owners().poll(body.device_code);
    assert.equal(first.body.token_type, 'DPoP');
    await server.db.query(
      sql`update device_codes set consumed_at = consumed_at - interval '6 seconds'
          where digest = ${sha256(body.device_code)}`,
    );
    await assertWorthless(body.device_code);
    assert.deepEqual((await owners().poll(body.device_code)).body, first.body);
  });
});
