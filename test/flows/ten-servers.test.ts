import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { rotateKeys } from '../../src/keys/rotation.ts';
import { announceKeys } from '../../src/keys/signing-key.ts';
import { sql } from '../../src/postgres/sql.ts';
import { findFreePort } from '../support/port.ts';
import { type Process, serve } from '../support/process.ts';
import {
  introspectAsRobot,
  openProduction,
  type Production,
  requestRobotToken,
} from '../support/production.ts';
import { testSecret } from '../support/server.ts';
import { until } from '../support/until.ts';

let production: Production;
let addresses: string[];
let processes: Process[] = [];
before(async () => {
  production = await openProduction();
  await production.db.query(sql`update resources set access_token_format = 'jwt'`);
  const ports = await Promise.all(Array.from({ length: 10 }, findFreePort));
  addresses = ports.map((port) => `http://localhost:${port}`);
  processes = await Promise.all(ports.map((port) => serve(production.settings(port))));
});
after(async () => {
  await Promise.all(processes.map((each) => each.end()));
  await production.drop();
});

/** The ids of the keys that a server publishes; the first one signs. */
async function publishedAt(address: string): Promise<string[]> {
  const response = await fetch(`${address}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

/** Waits until every server publishes keys that fit, and returns those. */
async function untilAllPublish(fits: (ids: string[]) => boolean): Promise<string[]> {
  return await until(async () => {
    const published = await Promise.all(addresses.map(publishedAt));
    const [first = []] = published;
    return fits(first) && published.every((ids) => ids.join() === first.join()) && first;
  });
}

describe('ten servers at once', () => {
  it('change the key that signs without failing a request, and know each other’s tokens at once', async () => {
    const signedBy = new Set<string | undefined>();
    let isOver = false;
    const clients = addresses.map(async (address, index) => {
      while (!isOver) {
        const { status, body } = await requestRobotToken(address);
        assert.equal(status, 200, JSON.stringify(body));
        signedBy.add(decodeProtectedHeader(body.access_token).kid);
        const next = addresses[(index + 1) % addresses.length] ?? '';
        const seen = await introspectAsRobot(next, body.access_token);
        assert.deepEqual([seen.status, seen.body.active], [200, true]);
      }
    });
    const load = Promise.all(clients);
    const rotation = async () => {
      const [old = ''] = await untilAllPublish(({ length }) => length === 1);
      await rotateKeys(production.db, { secrets: [testSecret], isImmediate: false });
      const [, next = ''] = await untilAllPublish(({ length }) => length === 2);
      await production.db.query(
        sql`update signing_keys set created_at = created_at - interval '7 minutes' where activated_at is null`,
      );
      // Each server finds the step due, and one of them takes it.
      await announceKeys(production.db);
      await untilAllPublish(([signs]) => signs === next);
      await until(() => signedBy.has(next));
      return [old, next];
    };
    const kids = await Promise.race([rotation(), load.then(() => [])]);
    isOver = true;
    await load;
    assert.deepEqual([...signedBy].sort(), [...kids].sort());
  });
});
