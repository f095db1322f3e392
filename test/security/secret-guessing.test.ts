import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { policies } from '../../src/limits/policy.ts';
import { type Answer, post } from '../support/client.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' } });
});
after(() => server.stop());

function requestToken(credentials: string, from: string): Promise<Answer> {
  return post(
    `${server.issuer}/oauth/token`,
    { grant_type: 'client_credentials' },
    { basic: credentials, headers: { 'x-forwarded-for': from } },
  );
}

/** One answer after another to as many wrong secrets as an address may try for one client. */
async function guess(id: string, from: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let tries = 0; tries < policies.client_by_id_and_address.failures; tries += 1) {
    statuses.push((await requestToken(`${id}:guess${tries}`, from)).status);
  }
  return statuses;
}

describe('who guesses client secrets (RFC 6749 section 2.3.1)', () => {
  it('has to wait after too many wrong ones, and is told how long', async () => {
    const { id, basic: credentials } = await registerClient(server.db);
    assert.deepEqual(new Set(await guess(id, '192.0.2.1')), new Set([401]));
    for (const tried of [`${id}:guess`, credentials]) {
      const { status, headers, body } = await requestToken(tried, '192.0.2.1');
      assert.equal(status, 429);
      assert.equal(body.access_token, undefined);
      const seconds = Number(headers.get('retry-after'));
      assert.ok(seconds > 0 && seconds <= policies.client_by_id_and_address.seconds, String(seconds));
    }
  });

  it('keeps nobody out at another address, and no other client at the same one', async () => {
    const { id, basic: credentials } = await registerClient(server.db);
    const neighbour = await registerClient(server.db);
    await guess(id, '192.0.2.2');
    assert.equal((await requestToken(credentials, '192.0.2.2')).status, 429);
    assert.equal((await requestToken(credentials, '192.0.2.3')).status, 200);
    assert.equal((await requestToken(neighbour.basic, '192.0.2.2')).status, 200);
  });

  it('learns nothing of whether the client exists', async () => {
    const { id } = await registerClient(server.db);
    await guess(id, '192.0.2.4');
    await guess('client-nobody', '192.0.2.5');
    const known = await requestToken(`${id}:guess`, '192.0.2.4');
    const unknown = await requestToken('client-nobody:guess', '192.0.2.5');
    assert.deepEqual([known.status, unknown.status], [429, 429]);
    const { request_id: _, ...said } = known.body;
    const { request_id: __, ...saidToo } = unknown.body;
    assert.deepEqual(said, saidToo);
  });

  it('is not anybody whose secret is right, however often', async () => {
    const { basic: credentials } = await registerClient(server.db);
    for (let tries = 0; tries <= policies.client_by_id_and_address.failures; tries += 1) {
      assert.equal((await requestToken(credentials, '192.0.2.6')).status, 200);
    }
  });
});
