import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { introspect, refresh, revoke } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let sibling: TestServer;
before(async () => {
  server = await startServer();
  sibling = await startServer({ databaseUrl: server.databaseUrl });
});
after(async () => {
  await sibling.stop();
  await server.stop();
});

/** Lets some time go by: that of as many requests, which nobody else waits for. */
async function dally(requests: number): Promise<void> {
  for (let sent = 0; sent < requests; sent += 1) await (await fetch(`${server.issuer}/health/live`)).text();
}

describe('a revocation that races refreshes', () => {
  it('leaves no token alive, whoever comes first', async () => {
    let won = 0;
    for (let round = 0; round < 20; round += 1) {
      const first = await letDeviceIn(server.issuer);
      const [revoked, ...refreshed] = await Promise.all([
        dally(round).then(() => revoke(server.issuer, first.refresh_token)),
        refresh(server.issuer, first.refresh_token),
        refresh(sibling.issuer, first.refresh_token),
      ]);
      assert.equal(revoked.status, 200);
      for (const { status, body } of refreshed) {
        if (status !== 200) {
          assert.deepEqual([status, body.error], [400, 'invalid_grant']);
          continue;
        }
        won += 1;
        assert.deepEqual((await introspect(server.issuer, body.access_token)).body, { active: false });
        const again = await refresh(sibling.issuer, body.refresh_token);
        assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
      }
      assert.deepEqual((await introspect(sibling.issuer, first.access_token)).body, { active: false });
    }
    assert.ok(won > 0, 'a refresh was in time at least once');
  });
});
