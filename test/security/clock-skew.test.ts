import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { getClient } from '../../src/clients/client.ts';
import { demoMachine, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { inRoot } from '../../src/root.ts';
import { sha256 } from '../../src/secret.ts';
import { introspect, poll, refresh, requestDevice, requestMachineToken } from '../support/client.ts';
import { signAsServer } from '../support/forger.ts';
import { createPerson } from '../support/person.ts';
import { findFreePort } from '../support/port.ts';
import { type Process, serve } from '../support/process.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

let server: TestServer;
const processes: Process[] = [];
/** Addresses of servers on one database, by how many seconds their clocks are off. */
const servers = new Map<number, string>();
before(async () => {
  server = await startServer();
  await server.db.query(
    sql`update clients set access_token_seconds = 60, refresh_token_seconds = 60, device_code_seconds = 60`,
  );
  servers.set(0, server.issuer);
  await Promise.all(
    [-60, 60].map(async (seconds) => {
      const port = await findFreePort();
      const settings = {
        POSTERN_MODE: 'development',
        POSTERN_ISSUER: `http://localhost:${port}`,
        POSTERN_SECRET: testSecret,
        DATABASE_URL: server.databaseUrl,
        SHIFTED_SECONDS: String(seconds),
      };
      processes.push(await serve(settings, inRoot('test/support/shifted-clock.ts')));
      servers.set(seconds, settings.POSTERN_ISSUER);
    }),
  );
});
after(async () => {
  for (const each of processes) each.kill('SIGTERM');
  await Promise.all(processes.map((each) => each.ended));
  await server.stop();
});

/** What a token is worth at every server. */
async function activeAnywhere(token: string): Promise<boolean[]> {
  const answers = await Promise.all(servers.values().map((address) => introspect(address, token)));
  return answers.map(({ body }) => body.active);
}

/** Makes the database say that the time of one row is over. */
async function expire(table: string, text: string): Promise<void> {
  const rows = await server.db.query(
    sql`update ${sql.identifier(table)} set expires_at = now() where digest = ${sha256(text)} returning 1`,
  );
  assert.equal(rows.length, 1);
}

const [slow, right, fast] = [-60, 0, 60].map((seconds) => () => servers.get(seconds) ?? '') as [At, At, At];
type At = () => string;

// Each issues at one server, approves at the next and redeems at the third.
const ways = [
  { name: 'a slow server', at: slow, next: fast, last: right },
  { name: 'a fast server', at: fast, next: slow, last: right },
  { name: 'a right server', at: right, next: fast, last: slow },
];

// All lifetimes are 60 s here, as long as the clocks are off.
for (const { name, at, next, last } of ways) {
  describe(`what ${name} issued`, () => {
    it('is active everywhere until the database says that it has expired, and nowhere afterwards', async () => {
      const { body } = await requestMachineToken(at());
      assert.equal(body.expires_in, 60);
      assert.deepEqual(await activeAnywhere(body.access_token), [true, true, true]);
      await expire('access_tokens', body.access_token);
      assert.deepEqual(await activeAnywhere(body.access_token), [false, false, false]);
    });

    it('can be approved and redeemed elsewhere, and refreshed', async () => {
      const { body: device } = await requestDevice(at());
      const person = createPerson(next());
      await person.enterCode(device.user_code);
      await person.decide('allow');
      const { status, body } = await poll(last(), device.device_code);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(await activeAnywhere(body.access_token), [true, true, true]);
      const renewed = await refresh(next(), body.refresh_token);
      assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
      await expire('refresh_tokens', renewed.body.refresh_token);
      for (const address of servers.values()) {
        assert.equal((await refresh(address, renewed.body.refresh_token)).body.error, 'invalid_grant');
      }
    });

    it('is polled in time by the clock of the database', async () => {
      const { body: device } = await requestDevice(at());
      const errors: string[] = [];
      const ask = async (address: string) =>
        errors.push((await poll(address, device.device_code)).body.error);
      await ask(next());
      await ask(last());
      await server.db.query(sql`update device_codes set last_polled_at = now() - interval '10 seconds'`);
      await ask(at());
      await expire('device_codes', device.device_code);
      for (const address of servers.values()) await ask(address);
      assert.deepEqual(errors, [
        'authorization_pending',
        'slow_down',
        'authorization_pending',
        ...Array.from(servers, () => 'expired_token'),
      ]);
    });
  });
}

describe('a JWT', () => {
  /** One of the server at this address that ends so many seconds from now, by the clock of the database. */
  async function signEndingIn(seconds: number, iss: string): Promise<string> {
    const [row] = await server.db.query<{ now: number }>(
      sql`select floor(extract(epoch from now()))::float8 as now`,
    );
    const now = row?.now ?? 0;
    const { generation } = await getClient(server.db, demoMachine.id);
    return await signAsServer(server.db, {
      iss,
      sub: demoMachine.id,
      client_id: demoMachine.id,
      client_generation: generation,
      aud: demoResource.uri,
      scope: 'read',
      jti: `ending-in-${seconds}`,
      iat: now,
      exp: now + seconds,
    });
  }

  it('ends when the clock of the database says so, whatever that of the server says', async () => {
    for (const [seconds, address] of servers) {
      for (const left of [30, -30]) {
        const { body } = await introspect(address, await signEndingIn(left, address));
        assert.equal(body.active, left > 0, `${left} s left, at a server that is ${seconds} s off`);
      }
    }
  });
});
