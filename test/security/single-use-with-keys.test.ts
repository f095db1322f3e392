import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { type KeyHolder, registerKeyHolder } from '../support/assertion.ts';
import { type Answer, introspect, post } from '../support/client.ts';
import { createBoundDevice, createProver, type Prover } from '../support/proof.ts';
import { redeemOnce, spread } from '../support/redemption.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let prover: Prover;
before(async () => {
  server = await startServer();
  prover = await createProver();
});
after(() => server.stop());

const device = () => createBoundDevice(server.issuer, prover);

async function assertAlive({ access_token, refresh_token }: Answer['body']): Promise<void> {
  assert.equal((await introspect(server.issuer, access_token)).body.active, true, 'the access token works');
  const renewed = await device().refresh(refresh_token);
  assert.equal(renewed.status, 200, 'the refresh token works');
  assert.equal((await introspect(server.issuer, renewed.body.access_token)).body.active, true);
}

for (const format of ['opaque', 'jwt']) {
  describe(`where access tokens are bound to a key and ${format}`, () => {
    before(() => server.db.query(sql`update resources set access_token_format = ${format}`));

    for (const gap of [0, 2, 5, 20, 50]) {
      it(`a device code is redeemed once by 20 polls ${gap} ms apart, each with a proof of its own`, async () => {
        const code = await device().approvedCode();
        await assertAlive(await redeemOnce(gap, () => device().poll(code)));
      });
    }

    it('a refresh token has one successor when it is used 50 times at once, each with a proof of its own', async () => {
      const { refresh_token } = await device().signIn();
      const answers = await spread(50, 0, () => device().refresh(refresh_token));
      assert.ok(answers.every(({ status }) => status === 200));
      for (const name of ['access_token', 'refresh_token'])
        assert.equal(new Set(answers.map(({ body }) => body[name])).size, 1, name);
      await assertAlive(answers[0]?.body);
    });
  });
}

describe('after a restart', () => {
  let first: TestServer;
  let holder: KeyHolder;
  before(async () => {
    const settings = { POSTERN_ISSUER: server.issuer };
    first = await startServer({ databaseUrl: server.databaseUrl, settings });
    holder = await registerKeyHolder(server.db);
  });

  it('a proof and an assertion are still known as used', async () => {
    const form = { grant_type: 'client_credentials', ...(await holder.credentials(server.issuer)) };
    const ask = async (at: TestServer, proof: string, credentials: Record<string, string>) =>
      post(`${at.url}/oauth/token`, credentials, { headers: { DPoP: proof } });
    const proof = await prover.prove(`${server.issuer}/oauth/token`);
    assert.equal((await ask(first, proof, form)).status, 200);
    await first.stop();

    const settings = { POSTERN_ISSUER: server.issuer };
    const restarted = await startServer({ databaseUrl: server.databaseUrl, settings });
    try {
      assert.equal((await ask(restarted, proof, form)).body.error, 'invalid_client');
      const fresh = { ...form, ...(await holder.credentials(server.issuer)) };
      assert.equal((await ask(restarted, proof, fresh)).body.error, 'invalid_dpop_proof');
    } finally {
      await restarted.stop();
    }
  });
});
