import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { randomText, sha256 } from '../../src/secret.ts';
import { introspect, post, refresh, requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { createBoundDevice, createProver, type Prover } from '../support/proof.ts';
import { registerClient } from '../support/registration.ts';
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
const tokenUrl = () => `${server.issuer}/oauth/token`;

/** Everything that somebody can do with a refresh token of a public client alone. */
async function assertWorthless(token: string): Promise<void> {
  const answers = {
    'without a proof': await refresh(server.issuer, token),
    'with their own key': await createBoundDevice(server.issuer, thief).refresh(token),
  };
  for (const [how, { status, body }] of Object.entries(answers)) {
    assert.deepEqual([status, body.error], [400, 'invalid_grant'], how);
  }
  const forged = await thief.prove(tokenUrl(), { header: { jwk: owner.publicJwk } });
  const { body } = await owners().refresh(token, forged);
  assert.equal(body.error, 'invalid_dpop_proof', 'with the owner’s public key');
}

describe('a refresh token of a public client, bound to a key', () => {
  it('is worthless to who stole it, and its owner goes on', async () => {
    const tokens = await owners().signIn();
    await assertWorthless(tokens.refresh_token);
    const renewed = await owners().refresh(tokens.refresh_token);
    assert.equal(renewed.status, 200);
    await assertWorthless(renewed.body.refresh_token);
    assert.equal((await owners().refresh(renewed.body.refresh_token)).status, 200);
  });

  it('gives its answer again within 30 s to its owner alone, and no use of it by others ends the sign-in', async () => {
    const { refresh_token } = await owners().signIn();
    const { body } = await owners().refresh(refresh_token);
    await assertWorthless(refresh_token);
    assert.deepEqual((await owners().refresh(refresh_token)).body, body);
    await server.db.query(
      sql`update refresh_tokens set consumed_at = consumed_at - interval '31 seconds'
          where digest = ${sha256(refresh_token)}`,
    );
    await assertWorthless(refresh_token);
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);
    assert.equal((await owners().refresh(refresh_token)).body.error, 'invalid_grant');
    assert.equal(
      (await introspect(server.issuer, body.access_token)).body.active,
      false,
      'its owner used it twice',
    );
  });
});

describe('a refresh token of a client with a secret', () => {
  it('is bound to the client; its answer is repeated for the same key alone, and nobody is harmed', async () => {
    const client = await registerClient(server.db, {
      id: `confidential-${randomText(8)}`,
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    });
    const [id = '', secret = ''] = client.basic.split(':');
    const account = { client_id: id, client_secret: secret };
    const { body: device } = await requestDevice(server.issuer, account);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const ask = async (form: Record<string, string>, prover?: Prover) =>
      post(tokenUrl(), form, {
        basic: client.basic,
        headers: prover ? { DPoP: await prover.prove(tokenUrl()) } : {},
      });
    const { body: tokens } = await ask(
      { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: device.device_code },
      owner,
    );
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const renewed = await ask(form, owner);
    assert.equal(renewed.body.token_type, 'DPoP');
    for (const prover of [undefined, thief]) {
      assert.equal((await ask(form, prover)).body.error, 'invalid_grant');
    }
    assert.deepEqual((await ask(form, owner)).body, renewed.body);
    const next = await ask({ ...form, refresh_token: renewed.body.refresh_token }, thief);
    assert.equal(next.status, 200, 'another key of the same client');
  });
});
