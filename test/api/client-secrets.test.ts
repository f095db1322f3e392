import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { foundCompany } from '../support/company.ts';
import { machine, register, requestToken } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
});
after(() => server.stop());

describe('the secrets of a program', () => {
  it('are two at most, of which the first works until it is ended', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id, client_secret, secrets } = await register(administrator);
    const path = `/clients/${client_id}/secrets`;
    const { status, body: second } = await administrator.call('POST', path, {});
    assert.equal(status, 201);
    for (const secret of [client_secret, second.client_secret])
      assert.equal((await requestToken(server.issuer, [client_id, secret])).status, 200);
    assert.equal((await administrator.call('POST', path, {})).status, 409);
    assert.equal((await administrator.call('DELETE', `${path}/${secrets[0].id}`)).status, 204);
    assert.equal((await requestToken(server.issuer, [client_id, client_secret])).status, 401);
    assert.equal((await requestToken(server.issuer, [client_id, second.client_secret])).status, 200);
    assert.equal((await administrator.call('DELETE', `${path}/${secrets[0].id}`)).status, 404);
  });

  it('are two at most when many are asked for at once', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id } = await register(administrator);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => administrator.call('POST', `/clients/${client_id}/secrets`, {})),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
  });

  it('end by themselves where that was said', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id } = await register(administrator);
    const path = `/clients/${client_id}/secrets`;
    const past = await administrator.call('POST', path, { expires_at: '2020-01-01T00:00:00Z' });
    assert.deepEqual([past.status, past.body.errors[0].pointer], [422, '#/expires_at']);
    const { body } = await administrator.call('POST', path, { expires_at: '2099-01-01T00:00:00Z' });
    assert.equal(body.expires_at, '2099-01-01T00:00:00.000Z');
    await server.db.query(sql`update client_secrets set expires_at = now() where id = ${body.id}::uuid`);
    assert.equal((await requestToken(server.issuer, [client_id, body.client_secret])).status, 401);
    assert.equal((await administrator.call('POST', path, {})).status, 201, 'an ended one leaves room');
  });

  it('of another program cannot be ended through this one', async () => {
    const { administrator } = await foundCompany(server);
    const [one, other] = [await register(administrator), await register(administrator)];
    const path = `/clients/${one.client_id}/secrets/${other.secrets[0].id}`;
    assert.equal((await administrator.call('DELETE', path)).status, 404);
    assert.equal((await requestToken(server.issuer, [other.client_id, other.client_secret])).status, 200);
  });

  it('are given to no program without', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id, client_secret } = await register(administrator, {
      ...machine,
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    });
    assert.equal(client_secret, undefined);
    assert.equal((await administrator.call('POST', `/clients/${client_id}/secrets`, {})).status, 409);
  });
});
