import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { type Answer, poll, refresh, requestDevice, revoke } from '../support/client.ts';
import { ada, addAccount, createPerson, type Person } from '../support/person.ts';
import { findFreePort } from '../support/port.ts';
import { type Process, serve } from '../support/process.ts';
import { introspectAsRobot, openProduction, type Production } from '../support/production.ts';
import { registerClient, type TestClient } from '../support/registration.ts';

let production: Production;
let device: TestClient;
let person: Person;
const processes: Process[] = [];
/** Where the two servers listen; the first is at the issuer's own address. */
let addresses: [first: string, second: string];
before(async () => {
  production = await openProduction();
  const port = await findFreePort();
  processes.push(await serve(production.settings()), await serve(production.settings(port)));
  addresses = [production.issuer, `http://localhost:${port}`];
  device = await registerClient(production.db, {
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    allowed: { 'https://api.example.com': ['read'] },
  });
  await addAccount(production.db, ada);
  person = createPerson(production.issuer);
  await person.signIn(ada);
});
after(async () => {
  await Promise.all(processes.map((each) => each.end()));
  await production.drop();
});

const inactive = { active: false };

/** One of the two, in turn. */
const at = (turn: number) => addresses[turn % 2] ?? '';

async function approvedCode(): Promise<string> {
  const form = { client_id: device.id, scope: 'read offline_access' };
  const { body } = await requestDevice(production.issuer, form);
  await person.enterCode(body.user_code);
  await person.decide('allow');
  return body.device_code;
}

const pollAt = (turn: number, code: string) => poll(at(turn), code, { client_id: device.id });
const refreshAt = (turn: number, token: string) => refresh(at(turn), token, { client_id: device.id });
const revokeAt = (turn: number, token: string) => revoke(at(turn), token, { client_id: device.id });

async function signIn(): Promise<Answer['body']> {
  const { status, body } = await pollAt(0, await approvedCode());
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

async function assertAlive({ access_token, refresh_token }: Answer['body']): Promise<void> {
  for (const address of addresses)
    assert.equal((await introspectAsRobot(address, access_token)).body.active, true);
  assert.equal((await refreshAt(1, refresh_token)).status, 200);
}

for (const format of ['opaque', 'jwt']) {
  describe(`two processes on one database (${format})`, () => {
    before(async () => {
      await production.db.query(sql`update resources set access_token_format = ${format}`);
    });

    it('know at once what the other has revoked', async () => {
      for (let turn = 0; turn < 10; turn += 1) {
        const { access_token, refresh_token } = await signIn();
        const { body: sibling } = await refreshAt(turn, refresh_token);
        assert.equal(sibling.access_token.startsWith('eyJ'), format === 'jwt');
        assert.equal((await introspectAsRobot(at(turn + 1), access_token)).body.active, true);
        assert.equal((await revokeAt(turn, access_token)).status, 200);
        assert.deepEqual((await introspectAsRobot(at(turn + 1), access_token)).body, inactive);
        assert.equal((await introspectAsRobot(at(turn + 1), sibling.access_token)).body.active, true);
        assert.equal((await revokeAt(turn, sibling.refresh_token)).status, 200);
        assert.deepEqual((await introspectAsRobot(at(turn + 1), sibling.access_token)).body, inactive);
        assert.equal((await refreshAt(turn + 1, sibling.refresh_token)).body.error, 'invalid_grant');
      }
    });

    it('redeem a device code once, when both are polled, and the winner’s tokens work', async () => {
      for (let round = 0; round < 5; round += 1) {
        const code = await approvedCode();
        const answers = await Promise.all(Array.from({ length: 20 }, (_, turn) => pollAt(turn, code)));
        const [winner, ...others] = answers.filter(({ status }) => status === 200);
        assert.ok(winner && others.length === 0);
        for (const { status, body } of answers)
          assert.ok(status === 200 || body.error === 'invalid_grant', JSON.stringify(body));
        await assertAlive(winner.body);
      }
    });

    it('give a refresh token one successor, when both are asked', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { refresh_token } = await signIn();
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, turn) => refreshAt(turn, refresh_token)),
        );
        for (const { status, body } of answers) assert.deepEqual([status, body], [200, answers[0]?.body]);
        await assertAlive(answers[0]?.body);
      }
    });
  });
}
