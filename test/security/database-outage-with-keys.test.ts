import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type KeyHolder, registerKeyHolder } from '../support/assertion.ts';
import { type Answer, credentials, introspect, post, requestMachineToken } from '../support/client.ts';
import { type DatabaseLine, openDatabaseLine } from '../support/database-line.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { createBoundDevice, createProver, type Prover } from '../support/proof.ts';
import type { TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let line: DatabaseLine;
let server: TestServer;
let gateway: TestClient;
let holder: KeyHolder;
let prover: Prover;
before(async () => {
  database = await openDatabase();
  line = await openDatabaseLine(database.url);
  server = await startServer({ databaseUrl: line.url });
  ({ gateway } = await registerGateway(server.db, demoResource.uri));
  holder = await registerKeyHolder(server.db);
  prover = await createProver();
  await server.db.query(sql`update resources set access_token_format = 'jwt'`);
});
after(async () => {
  await line.mend();
  await server.stop();
  await line.close();
  await database.drop();
});

const tokenUrl = () => `${server.issuer}/oauth/token`;
const machineGrant = { grant_type: 'client_credentials' };

const askWithAssertion = async (): Promise<Answer> =>
  post(tokenUrl(), { ...machineGrant, ...(await holder.credentials(server.issuer)) });

const askWithProof = async (): Promise<Answer> =>
  post(tokenUrl(), machineGrant, {
    basic: credentials.machine,
    headers: { DPoP: await prover.prove(tokenUrl()) },
  });

const exchange = (subject_token: string): Promise<Answer> =>
  post(
    tokenUrl(),
    { grant_type: exchangeGrant, subject_token, subject_token_type: accessTokenType },
    { basic: gateway.basic },
  );

const revokeAsMachine = (token: string): Promise<Answer> =>
  post(`${server.issuer}/oauth/revoke`, { token }, { basic: credentials.machine });

async function issue(): Promise<string> {
  const { status, body } = await requestMachineToken(server.issuer);
  assert.equal(status, 200);
  return body.access_token;
}

async function assertUnavailable(answer: Promise<Answer>): Promise<void> {
  const { status, headers, body } = await answer;
  assert.deepEqual([status, body.error], [503, 'temporarily_unavailable']);
  assert.match(headers.get('retry-after') ?? '', /^\d+$/);
}

async function untilReady(): Promise<void> {
  const isReady = async () => (await fetch(`${server.issuer}/health/ready`)).status === 200;
  await until(isReady, AbortSignal.timeout(30_000));
}

describe('a database that is away', () => {
  for (const accident of ['cut', 'stall'] as const) {
    it(`is 503 for JWTs, assertions, proofs and exchanges, none of which it has harmed (${accident})`, async () => {
      const token = await issue();
      const device = createBoundDevice(server.issuer, prover);
      const tokens = await device.signIn();
      const code = await device.approvedCode();
      await line[accident]();
      try {
        await Promise.all(
          [
            introspect(server.issuer, token),
            revokeAsMachine(token),
            exchange(token),
            askWithAssertion(),
            askWithProof(),
            device.request(),
            device.poll(code),
            device.refresh(tokens.refresh_token),
          ].map(assertUnavailable),
        );
      } finally {
        await line.mend();
      }
      await untilReady();
      assert.equal((await introspect(server.issuer, token)).body.active, true);
      for (const answer of [
        await exchange(token),
        await askWithAssertion(),
        await askWithProof(),
        await device.poll(code),
        await device.refresh(tokens.refresh_token),
      ]) {
        assert.equal(answer.status, 200);
      }
    });
  }

  it('is 503 where it goes in the middle: no proof, assertion or JWT is called bad for it', async () => {
    const token = await issue();
    const accidents: [string, () => Promise<Answer>][] = [
      ['insert into records', askWithAssertion],
      ['insert into records', askWithProof],
      ['revoked_tokens.digest = asked.digest', () => introspect(server.issuer, token)],
      ['revoked_tokens.digest = asked.digest', () => exchange(token)],
    ];
    for (const [statement, ask] of accidents) {
      line.loseAnswerTo(statement);
      await assertUnavailable(ask());
      await untilReady();
      const { status, body } = await ask();
      assert.deepEqual([status, body.active ?? true], [200, true]);
    }
  });

  it('leaves a JWT revoked when only the answer to the revocation was lost', async () => {
    const token = await issue();
    line.loseAnswerTo('insert into revoked_tokens');
    await assertUnavailable(revokeAsMachine(token));
    await untilReady();
    assert.equal((await revokeAsMachine(token)).status, 200);
    assert.deepEqual((await introspect(server.issuer, token)).body, { active: false });
  });
});
