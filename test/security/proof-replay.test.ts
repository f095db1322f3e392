import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { type Answer, credentials, introspect, post } from '../support/client.ts';
import { createBoundDevice, createProver, type Prover, secondsFromNow } from '../support/proof.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let prover: Prover;
before(async () => {
  server = await startServer();
  prover = await createProver();
});
after(() => server.stop());

const tokenUrl = () => `${server.issuer}/oauth/token`;

const askAsMachine = (proof: string, at = server.url) =>
  post(
    `${at}/oauth/token`,
    { grant_type: 'client_credentials' },
    { basic: credentials.machine, headers: { DPoP: proof } },
  );

function assertOneWon(answers: Answer[]): Answer {
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1);
  for (const { status, body } of answers.filter((answer) => answer !== won[0])) {
    assert.deepEqual([status, body.error], [400, 'invalid_dpop_proof']);
  }
  return won[0] as Answer;
}

describe('a DPoP proof', () => {
  it('gets one token for twenty uses at once', async () => {
    const proof = await prover.prove(tokenUrl());
    const { body } = assertOneWon(await Promise.all(Array.from({ length: 20 }, () => askAsMachine(proof))));
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);
  });

  it('gets one token for twenty uses at two servers at once', async () => {
    const settings = { POSTERN_ISSUER: server.issuer };
    const second = await startServer({ databaseUrl: server.databaseUrl, settings });
    try {
      const proof = await prover.prove(tokenUrl());
      const uses = Array.from({ length: 20 }, (_, index) =>
        askAsMachine(proof, index % 2 ? server.url : second.url),
      );
      assertOneWon(await Promise.all(uses));
    } finally {
      await second.stop();
    }
  });

  it('is invalid_dpop_proof when it comes again later, with or without a nonce', async () => {
    const first = await askAsMachine(await prover.prove(tokenUrl()));
    const nonce = first.headers.get('dpop-nonce');
    for (const claims of [{}, { nonce }]) {
      const proof = await prover.prove(tokenUrl(), { claims });
      assert.equal((await askAsMachine(proof)).status, 200);
      const { status, body } = await askAsMachine(proof);
      assert.deepEqual([status, body.error], [400, 'invalid_dpop_proof']);
    }
  });

  it('binds one device for twenty uses at once', async () => {
    const device = createBoundDevice(server.issuer, prover);
    const proof = await prover.prove(`${server.issuer}/oauth/device_authorization`);
    assertOneWon(await Promise.all(Array.from({ length: 20 }, () => device.request({}, proof))));
  });

  it('redeems a device code once for twenty uses at once, and the winner’s tokens work', async () => {
    const device = createBoundDevice(server.issuer, prover);
    const code = await device.approvedCode();
    const proof = await prover.prove(tokenUrl());
    const answers = await Promise.all(Array.from({ length: 20 }, () => device.poll(code, proof)));
    const won = answers.filter(({ status }) => status === 200);
    assert.equal(won.length, 1);
    const errors = new Set(answers.map(({ body }) => body.error).filter(Boolean));
    assert.ok([...errors].every((error) => ['invalid_dpop_proof', 'invalid_grant'].includes(error)));
    assert.equal((await device.refresh(won[0]?.body.refresh_token)).status, 200);
  });

  it('renews once for twenty uses at once; the answer is not given again for a spent proof', async () => {
    const device = createBoundDevice(server.issuer, prover);
    const { refresh_token } = await device.signIn();
    const proof = await prover.prove(tokenUrl());
    const { body } = assertOneWon(
      await Promise.all(Array.from({ length: 20 }, () => device.refresh(refresh_token, proof))),
    );
    assert.equal((await device.refresh(refresh_token, proof)).body.error, 'invalid_dpop_proof');
    assert.deepEqual((await device.refresh(refresh_token)).body, body, 'a fresh proof gets it');
    const again = await prover.prove(tokenUrl());
    assert.equal((await device.refresh(refresh_token, again)).status, 200);
    assert.equal((await device.refresh(refresh_token, again)).body.error, 'invalid_dpop_proof');
  });

  it('is remembered for as long as it could be accepted', async () => {
    const claims = { iat: secondsFromNow(290), htu: tokenUrl() };
    const proof = await prover.prove(tokenUrl(), { claims });
    assert.equal((await askAsMachine(proof)).status, 200);
    const [row] = await server.db.query<{ seconds: number }>(
      sql`select extract(epoch from max(expires_at) - now())::float8 as seconds from records
          where model = 'ReplayDetection'`,
    );
    assert.ok(row && row.seconds >= 600, `${row?.seconds} s`);
    assert.ok(row.seconds <= 700, 'and no longer, whatever it says of itself');
  });
});
