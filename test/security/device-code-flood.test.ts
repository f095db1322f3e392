import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { makeHome, runCommand } from '../cli/terminal.ts';
import { type Answer, post } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const allowed = 3;
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

let server: TestServer;
before(async () => {
  server = await startServer({
    settings: { POSTERN_DEVICE_RATE_LIMIT: String(allowed), POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' },
  });
});
after(() => server.stop());

const ask = (from: string, form: Record<string, string> = {}): Promise<Answer> =>
  post(
    `${server.issuer}/oauth/device_authorization`,
    { client_id: 'demo-cli', scope: 'read', ...form },
    { headers: { 'x-forwarded-for': from } },
  );

const countCodes = async () => (await server.db.query(sql`select from device_codes`)).length;

describe('who floods the server with device authorizations', () => {
  it('has to wait, is told how long, and makes no more codes, however many at once', async () => {
    const before = await countCodes();
    const answers = await Promise.all(Array.from({ length: allowed + 4 }, () => ask('192.0.2.1')));
    const refused = answers.filter(({ status }) => status !== 200);
    assert.equal(refused.length, 4);
    for (const { status, headers, body } of refused) {
      assert.deepEqual([status, body.error, body.device_code], [429, 'too_many_requests', undefined]);
      const seconds = Number(headers.get('retry-after'));
      assert.ok(seconds > 0 && seconds <= 300, String(seconds));
    }
    assert.equal((await countCodes()) - before, allowed);
  });

  it('reads in their terminal when to try again', async (t) => {
    const form = { client_id: 'demo-cli', scope: 'read' };
    for (let asked = 0; asked < allowed; asked += 1)
      await post(`${server.issuer}/oauth/device_authorization`, form);
    const env = { ...(await makeHome(t)), POSTERN_ISSUER: server.issuer };
    const { exitCode, stderr } = await runCommand(['login'], { env });
    assert.equal(exitCode, 1);
    assert.match(stderr, /: it has had too many requests; try again in \d+ (minute|second)s?\n$/);
  });

  it('keeps nobody out elsewhere, and none of the devices that poll', async () => {
    const { body: device } = await ask('192.0.2.2');
    for (let asked = 1; asked <= allowed; asked += 1) await ask('192.0.2.2');
    assert.equal((await ask('192.0.2.2')).status, 429);
    const { body } = await post(
      `${server.issuer}/oauth/token`,
      { grant_type: deviceGrant, device_code: device.device_code, client_id: 'demo-cli' },
      { headers: { 'x-forwarded-for': '192.0.2.2' } },
    );
    assert.equal(body.error, 'authorization_pending');
    assert.equal((await ask('192.0.2.3')).status, 200);
  });

  it('is one network of IPv6, whatever its addresses', async () => {
    const statuses: number[] = [];
    for (const last of ['100::1', '100::2', '101::1', '1ff::1'])
      statuses.push((await ask(`2001:db8:0:${last}`)).status);
    assert.deepEqual(statuses, [200, 200, 200, 429]);
    assert.equal((await ask('2001:db8:0:200::1')).status, 200);
  });

  it('spends it with requests that are refused, too', async () => {
    for (let asked = 0; asked < allowed; asked += 1)
      assert.equal((await ask('192.0.2.4', { scope: 'admin' })).body.error, 'invalid_scope');
    assert.equal((await ask('192.0.2.4')).status, 429);
  });
});
