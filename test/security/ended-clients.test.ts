import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { endClientTokens, removeClient } from '../../src/clients/client.ts';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { introspect, post } from '../support/client.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import { signAsServer } from '../support/forger.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let gateway: TestClient;
let inner: TestClient;
before(async () => {
  server = await startServer();
  ({ gateway, inner } = await registerGateway(server.db, demoResource.uri));
});
after(() => server.stop());

const tokenUrl = () => `${server.issuer}/oauth/token`;

async function issue({ basic }: TestClient): Promise<string> {
  const { status, body } = await post(tokenUrl(), { grant_type: 'client_credentials' }, { basic });
  assert.equal(status, 200);
  return body.access_token;
}

async function exchange(subject_token: string): Promise<string> {
  const form = { grant_type: exchangeGrant, subject_token, subject_token_type: accessTokenType };
  const { status, body } = await post(tokenUrl(), form, { basic: gateway.basic });
  assert.equal(status, 200);
  return body.access_token;
}

const isActive = async (token: string): Promise<boolean> =>
  (await introspect(server.issuer, token)).body.active;

const isInnerActive = async (token: string): Promise<boolean> =>
  (await post(`${server.issuer}/oauth/introspect`, { token }, { basic: inner.basic })).body.active;

const ends = {
  'all of whose tokens were ended': ({ id }: TestClient) => endClientTokens(server.db, id),
  'that was removed and registered again under its id': async ({ id, secret }: TestClient) => {
    await removeClient(server.db, id);
    await registerClient(server.db, { id, secret });
  },
};

for (const format of ['opaque', 'jwt']) {
  for (const [what, end] of Object.entries(ends)) {
    describe(`a client ${what}, where access tokens are ${format}`, () => {
      before(() =>
        server.db.query(
          sql`update resources set access_token_format = ${format} where uri = ${demoResource.uri}`,
        ),
      );

      it('has no active token of before, nor one that was exchanged for it, and each one since is active', async () => {
        const client = await registerClient(server.db);
        for (let round = 0; round < 5; round += 1) {
          const before = await issue(client);
          const exchanged = await exchange(before);
          const twice = await exchange(exchanged);
          assert.deepEqual([await isActive(before), await isInnerActive(twice)], [true, true]);
          await end(client);
          assert.equal(await isActive(before), false, 'the token itself');
          assert.equal(await isInnerActive(exchanged), false, 'what was exchanged for it');
          assert.equal(await isInnerActive(twice), false, 'what was exchanged for that');
          const since = await issue(client);
          assert.equal(await isActive(since), true, 'a new token');
          assert.equal(await isInnerActive(await exchange(since)), true, 'what is exchanged for it');
        }
      });
    });
  }
}

for (const [what, end] of Object.entries(ends)) {
  describe(`the JWTs of a client ${what}`, () => {
    it('are over whatever the clock of the server said that signed them', async () => {
      const client = await registerClient(server.db);
      const claims = decodeJwt(await issue(client));
      const signAt = (seconds: number) =>
        signAsServer(server.db, {
          ...claims,
          jti: `at-${seconds}`,
          iat: (claims.iat ?? 0) + seconds,
          exp: (claims.exp ?? 0) + seconds,
        });
      const tokens = await Promise.all([-60, 0, 60].map(signAt));
      for (const token of tokens) assert.equal(await isActive(token), true);
      await end(client);
      for (const token of tokens) assert.equal(await isActive(token), false);
    });
  });
}
