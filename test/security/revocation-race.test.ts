import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { introspect, post, refresh, revoke } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import type { TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let sibling: TestServer;
let gateway: TestClient;
let inner: TestClient;
before(async () => {
  server = await startServer();
  // Of the same name, so that the JWTs of one are those of the other.
  const settings = { POSTERN_ISSUER: server.issuer };
  sibling = await startServer({ databaseUrl: server.databaseUrl, settings });
  ({ gateway, inner } = await registerGateway(server.db, demoResource.uri));
});
after(async () => {
  await sibling.stop();
  await server.stop();
});

const inactive = { active: false };

/** Lets some time go by: that of as many statements, however slow the database is. */
async function dally(statements: number): Promise<void> {
  for (let sent = 0; sent < statements; sent += 1) await server.db.query(sql`select 1`);
}

for (const format of ['opaque', 'jwt'] as const) {
  describe(`a revocation, where access tokens are ${format},`, () => {
    before(() =>
      server.db.query(
        sql`update resources set access_token_format = ${format} where uri = ${demoResource.uri}`,
      ),
    );

    it('that races refreshes leaves no token alive, whoever comes first', async () => {
      let won = 0;
      for (let round = 0; round < 20; round += 1) {
        const first = await letDeviceIn(server.issuer);
        const [revoked, ...refreshed] = await Promise.all([
          dally(round).then(() => revoke(server.issuer, first.refresh_token)),
          refresh(server.issuer, first.refresh_token),
          refresh(sibling.url, first.refresh_token),
        ]);
        assert.equal(revoked.status, 200);
        for (const { status, body } of refreshed) {
          if (status !== 200) {
            assert.deepEqual([status, body.error], [400, 'invalid_grant']);
            continue;
          }
          won += 1;
          assert.deepEqual((await introspect(server.issuer, body.access_token)).body, inactive);
          const again = await refresh(sibling.url, body.refresh_token);
          assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
        }
        assert.deepEqual((await introspect(sibling.url, first.access_token)).body, inactive);
      }
      assert.ok(won > 0, 'a refresh was in time at least once');
    });

    it('that races exchanges leaves no token alive that was got by one', async () => {
      let won = 0;
      for (let round = 0; round < 10; round += 1) {
        const { access_token, refresh_token } = await letDeviceIn(server.issuer);
        const form = {
          grant_type: exchangeGrant,
          subject_token: access_token,
          subject_token_type: accessTokenType,
        };
        const [revoked, ...exchanged] = await Promise.all([
          dally(round).then(() => revoke(server.issuer, round % 2 ? access_token : refresh_token)),
          ...[server, sibling, server, sibling].map(({ url }) =>
            post(`${url}/oauth/token`, form, { basic: gateway.basic }),
          ),
        ]);
        assert.equal(revoked.status, 200);
        for (const { status, body } of exchanged) {
          if (status !== 200) {
            // Its grant may be gone when the token is looked at, or when its scope is cut to what that allows.
            assert.equal(status, 400);
            assert.ok(['invalid_request', 'invalid_scope'].includes(body.error), body.error);
            continue;
          }
          won += 1;
          const asked = { token: body.access_token };
          for (const { url } of [server, sibling]) {
            const seen = await post(`${url}/oauth/introspect`, asked, { basic: inner.basic });
            assert.deepEqual(seen.body, inactive);
          }
        }
      }
      assert.ok(won > 0, 'an exchange was in time at least once');
    });
  });
}
