import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat, sha256 } from '../../src/secret.ts';
import { type Answer, poll, requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

async function newCode(): Promise<Answer['body']> {
  return (await requestDevice(server.issuer)).body;
}

/** Lets seconds pass for a code, by the database's clock. */
async function pass(deviceCode: string, seconds: number): Promise<void> {
  await server.db.query(
    sql`update device_codes set last_polled_at = last_polled_at - make_interval(secs => ${seconds})
        where digest = ${sha256(deviceCode)}`,
  );
}

async function expire(deviceCode: string): Promise<void> {
  await server.db.query(
    sql`update device_codes set expires_at = now() - interval '1 second' where digest = ${sha256(deviceCode)}`,
  );
}

async function assertError(answer: Promise<Answer>, error: string): Promise<Answer['body']> {
  const { status, body } = await answer;
  assert.deepEqual([status, body.error], [400, error]);
  return body;
}

describe('polling', () => {
  it('is pending at the first poll, however soon it comes', async () => {
    const { device_code } = await newCode();
    await assertError(poll(server.issuer, device_code), 'authorization_pending');
  });

  it('slows a client down that does not wait its interval, by 5 s each time', async () => {
    const { device_code } = await newCode();
    await poll(server.issuer, device_code);
    assert.equal((await assertError(poll(server.issuer, device_code), 'slow_down')).interval, 10);
    assert.equal((await assertError(poll(server.issuer, device_code), 'slow_down')).interval, 15);
  });

  it('is pending again for a client that then waits the interval it was told', async () => {
    const { device_code } = await newCode();
    await poll(server.issuer, device_code);
    const { interval } = await assertError(poll(server.issuer, device_code), 'slow_down');
    for (let round = 0; round < 3; round += 1) {
      await pass(device_code, interval);
      await assertError(poll(server.issuer, device_code), 'authorization_pending');
    }
  });

  it('forgives half a second, and no more', async () => {
    const { device_code } = await newCode();
    await poll(server.issuer, device_code);
    await pass(device_code, 4.6);
    await assertError(poll(server.issuer, device_code), 'authorization_pending');
    const code = sql`digest = ${sha256(device_code)}`;
    await until(async () => {
      const [before] = await server.db.query<{ at: string }>(sql`
        update device_codes set last_polled_at = now() - interval '4.2 seconds', interval_seconds = 5
        where ${code} returning last_polled_at::text as at`);
      const { body } = await poll(server.issuer, device_code);
      if (body.error === 'slow_down') return true;
      // On a machine so busy that the rest of the time has passed meanwhile, it is in time.
      const [after] = await server.db.query<{ seconds: number }>(sql`
        select extract(epoch from last_polled_at - ${before?.at}::timestamptz)::float8 as seconds
        from device_codes where ${code}`);
      assert.ok(after && after.seconds >= 4.5, `forgiven after ${after?.seconds} s`);
      return false;
    });
  });

  it('finds exactly one of many overlapping polls in time', async () => {
    const { device_code } = await newCode();
    const answers = await Promise.all(Array.from({ length: 10 }, () => poll(server.issuer, device_code)));
    const errors = answers.map(({ body }) => body.error).sort();
    assert.deepEqual(errors, ['authorization_pending', ...Array(9).fill('slow_down')]);
  });

  it('never tells slow_down of a code that is unknown, expired or consumed', async () => {
    const unknown = createTokenFormat('pst').issue('dc', new Date());
    for (let round = 0; round < 3; round += 1) {
      await assertError(poll(server.issuer, unknown), 'invalid_grant');
      await assertError(poll(server.issuer, 'garbage'), 'invalid_grant');
    }
    const expired = (await newCode()).device_code;
    await poll(server.issuer, expired);
    await expire(expired);
    for (let round = 0; round < 3; round += 1)
      await assertError(poll(server.issuer, expired), 'expired_token');

    const consumed = await newCode();
    const person = createPerson(server.issuer);
    await person.enterCode(consumed.user_code);
    await person.decide('allow');
    assert.equal((await poll(server.issuer, consumed.device_code)).status, 200);
    for (let round = 0; round < 3; round += 1) {
      await assertError(poll(server.issuer, consumed.device_code), 'invalid_grant');
    }
  });

  it('lets a client in at once that has been approved, however soon it asks again', async () => {
    const { device_code, user_code } = await newCode();
    const person = createPerson(server.issuer);
    await person.enterCode(user_code);
    await poll(server.issuer, device_code);
    await assertError(poll(server.issuer, device_code), 'slow_down');
    await person.decide('allow');
    assert.equal((await poll(server.issuer, device_code)).status, 200);
  });

  it('tells of a denial at the next poll, and ever after', async () => {
    const { device_code, user_code } = await newCode();
    const person = createPerson(server.issuer);
    await person.enterCode(user_code);
    await person.decide('deny');
    await assertError(poll(server.issuer, device_code), 'access_denied');
    await assertError(poll(server.issuer, device_code), 'access_denied');
  });

  it('cannot undo an approval that runs beside it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { device_code, user_code } = await newCode();
      const person = createPerson(server.issuer);
      await person.enterCode(user_code);
      const [answers] = await Promise.all([
        Promise.all(Array.from({ length: 20 }, () => poll(server.issuer, device_code))),
        person.decide('allow'),
      ]);
      if (answers.some(({ status }) => status === 200)) continue;
      assert.equal((await poll(server.issuer, device_code)).status, 200);
    }
  });

  it('of another client moves nothing', async () => {
    const { device_code } = await newCode();
    await assertError(poll(server.issuer, device_code), 'authorization_pending');
    await pass(device_code, 5);
    const { id } = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
    });
    for (let round = 0; round < 3; round += 1)
      await assertError(poll(server.issuer, device_code, { client_id: id }), 'invalid_grant');
    await assertError(poll(server.issuer, device_code), 'authorization_pending');
  });

  it('is limited for an address that guesses device codes', async () => {
    const guessed = await startServer({ settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1 ::1' } });
    try {
      const format = createTokenFormat('pst');
      const guess = () => poll(guessed.issuer, format.issue('dc', new Date()));
      const statuses: number[] = [];
      for (let batch = 0; batch < 11; batch += 1) {
        const answers = await Promise.all(Array.from({ length: 10 }, guess));
        statuses.push(...answers.map(({ status }) => status));
      }
      assert.equal(statuses[0], 400);
      assert.ok(statuses.slice(100).every((status) => status === 429));
    } finally {
      await guessed.stop();
    }
  });
});
