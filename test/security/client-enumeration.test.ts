import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { disableClient } from '../../src/clients/client.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type Answer, post } from '../support/client.ts';
import { listQueries, untilSwept } from '../support/queries.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await untilSwept(server.db);
});
after(() => server.stop());

const requests = {
  '/oauth/token': { grant_type: 'client_credentials' },
  '/oauth/device_authorization': { scope: 'read' },
  '/oauth/introspect': { token: 'anything' },
  '/oauth/revoke': { token: 'anything' },
};

/** Ids of clients that fail for different reasons when they show the secret `wrong`. */
async function listFailing(): Promise<Record<string, string>> {
  const wrong = await registerClient(server.db);
  const expired = await registerClient(server.db, { secret: 'wrong' });
  await server.db.query(sql`update client_secrets set expires_at = now() where client_id = ${expired.id}`);
  const disabled = await registerClient(server.db, { secret: 'wrong' });
  await disableClient(server.db, disabled.id);
  const open = await registerClient(server.db, {
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
  });
  return {
    'a wrong secret': wrong.id,
    'an expired secret': expired.id,
    'a disabled client': disabled.id,
    'a public client': open.id,
  };
}

for (const [path, request] of Object.entries(requests)) {
  describe(`who tries out clients at ${path}`, () => {
    for (const place of ['header', 'form'] as const) {
      it(`cannot tell an unknown client from one that exists, with the secret in the ${place}`, async (t) => {
        const attempt = (id: string) => watch(t, () => send(path, request, place, id));
        const unknown = await attempt('client-nobody');
        assert.equal(unknown.status, 401);
        for (const [reason, id] of Object.entries(await listFailing())) {
          assert.deepEqual(await attempt(id), unknown, reason);
        }
      });
    }

    it('costs one look-up of the client before the answer is known', async (t) => {
      const { statements } = await watch(t, () => send(path, request, 'header', 'client-nobody'));
      const [first, ...others] = statements.filter((text) => !text.includes('rate_limits'));
      assert.match(first ?? '', /from clients/);
      assert.deepEqual(others, []);
    });
  });
}

function send(path: string, request: object, place: 'header' | 'form', id: string): Promise<Answer> {
  const form = { ...request, ...(place === 'form' ? { client_id: id, client_secret: 'wrong' } : {}) };
  return post(server.issuer + path, form, place === 'header' ? { basic: `${id}:wrong` } : {});
}

/** Everything about an answer but the two headers that differ each time, and the statements that it took. */
async function watch(t: TestContext, ask: () => Promise<Answer>) {
  let answer: Answer | undefined;
  const statements = await listQueries(t, async () => {
    answer = await ask();
  });
  assert.ok(answer);
  const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return { status: answer.status, headers, body: answer.body, statements };
}
