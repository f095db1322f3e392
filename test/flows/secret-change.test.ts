import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { poll, requestDevice } from '../support/client.ts';
import { createPerson, type Person } from '../support/person.ts';
import { findFreePort } from '../support/port.ts';
import { openDatabase } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';

const old = 'old-master-secret-0123456789-abcdefghijklm';
const present = 'new-master-secret-0123456789-abcdefghijklm';

/** Runs servers with other secrets, one after another, at one address and on one database. */
async function createAddress() {
  const { url: databaseUrl, drop } = await openDatabase();
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  let running: TestServer | undefined;
  return {
    issuer,
    async serve(secret: string, previous = ''): Promise<void> {
      await running?.stop();
      running = undefined;
      running = await startServer({
        databaseUrl,
        settings: {
          POSTERN_ISSUER: issuer,
          POSTERN_PORT: String(port),
          POSTERN_SECRET: secret,
          POSTERN_PREVIOUS_SECRET: previous,
        },
      });
    },
    async end(): Promise<void> {
      await running?.stop();
      await drop();
    },
  };
}

type Login = { device: { device_code: string; user_code: string }; person: Person };

describe('a change of the master secret', () => {
  it('breaks no device login, however far it has come', async () => {
    const { issuer, serve, end } = await createAddress();
    try {
      await serve(old);
      const logins = await Promise.all(
        ['enters the code', 'signs in', 'approves'].map(async () => {
          const { body: device } = await requestDevice(issuer);
          return { device, person: createPerson(issuer) };
        }),
      );
      const [entering, signingIn, approving] = logins as [Login, Login, Login];
      await entering.person.open('/device');
      await signingIn.person.open('/device');
      await signingIn.person.submit('/device', { user_code: signingIn.device.user_code });
      await approving.person.enterCode(approving.device.user_code);

      await serve(present, old);
      await entering.person.submit('/device', { user_code: entering.device.user_code });
      for (const { person } of [entering, signingIn]) await person.submit('/sign-in', demoUser);
      for (const { person, device } of logins) {
        await person.decide('allow');
        const { status, body } = await poll(issuer, device.device_code);
        assert.equal(status, 200, JSON.stringify(body));
      }
    } finally {
      await end();
    }
  });

  it('can be made one server at a time, when all can read the new one first', async () => {
    const { issuer, serve, end } = await createAddress();
    try {
      await serve(old);
      for (const [writing, reading] of [
        [[old], [old, present]],
        [
          [old, present],
          [present, old],
        ],
        [
          [present, old],
          [old, present],
        ],
      ] as [[string, string?], [string, string?]][]) {
        await serve(...writing);
        const { body: device } = await requestDevice(issuer);
        await serve(...reading);
        const person = createPerson(issuer);
        await person.enterCode(device.user_code);
        await person.decide('allow');
        assert.equal((await poll(issuer, device.device_code)).status, 200);
      }
    } finally {
      await end();
    }
  });

  it('is refused where nothing can open the signing keys any more', async () => {
    const { serve, end } = await createAddress();
    try {
      await serve(old);
      await assert.rejects(serve(present), { code: 'configuration', message: /POSTERN_PREVIOUS_SECRET/ });
    } finally {
      await end();
    }
  });
});
