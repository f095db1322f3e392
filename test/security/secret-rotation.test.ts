import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { rotateClientSecret } from '../../src/clients/secret.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat } from '../../src/secret.ts';
import { post } from '../support/client.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const format = createTokenFormat('pst');

const rotate = (id: string, options: { force?: boolean } = {}) =>
  rotateClientSecret(server.db, id, { overlapSeconds: 3_600, format, ...options });

/** The status that a token request with each of the secrets gets. */
function tryOut(id: string, ...secrets: string[]): Promise<number[]> {
  const form = { grant_type: 'client_credentials' };
  return Promise.all(
    secrets.map(async (secret) => {
      const { status } = await post(`${server.issuer}/oauth/token`, form, { basic: `${id}:${secret}` });
      return status;
    }),
  );
}

describe('a client whose secret is changed', () => {
  it('authenticates with the old one and the new one until the old one expires', async () => {
    const { id, secret: first } = await registerClient(server.db);
    const rotated = await rotate(id);
    assert.ok('secret' in rotated);
    assert.match(rotated.secret, /^pst_cs_[0-9A-Za-z]{55}$/);
    assert.deepEqual(await tryOut(id, first, rotated.secret), [200, 200]);

    await server.db.query(
      sql`update client_secrets set expires_at = now() where client_id = ${id} and expires_at is not null`,
    );
    assert.deepEqual(await tryOut(id, first, rotated.secret), [401, 200]);
  });

  it('never has three that work', async () => {
    const { id, secret: first } = await registerClient(server.db);
    const second = await rotate(id);
    assert.ok('secret' in second);
    const refused = await rotate(id);
    assert.ok('refusal' in refused && refused.refusal === 'two_live');

    const third = await rotate(id, { force: true });
    assert.ok('secret' in third);
    assert.deepEqual(await tryOut(id, first, second.secret, third.secret), [401, 200, 200]);
  });

  it('keeps the tokens that it has', async () => {
    const { id, basic } = await registerClient(server.db);
    const form = { grant_type: 'client_credentials' };
    const { body } = await post(`${server.issuer}/oauth/token`, form, { basic });
    const rotated = await rotate(id);
    assert.ok('secret' in rotated);
    await server.db.query(
      sql`update client_secrets set expires_at = now() where client_id = ${id} and expires_at is not null`,
    );
    const seen = await post(
      `${server.issuer}/oauth/introspect`,
      { token: body.access_token },
      { basic: `${id}:${rotated.secret}` },
    );
    assert.equal(seen.body.active, true);
  });
});
