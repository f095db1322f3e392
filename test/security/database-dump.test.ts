import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { rotateClientSecret } from '../../src/clients/secret.ts';
import { demoApi, demoMachine, demoUser } from '../../src/development.ts';
import { createKeySeal } from '../../src/keys/key-seal.ts';
import { listStoredKeys } from '../../src/keys/signing-key.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat, sha256 } from '../../src/secret.ts';
import { introspect, poll, refresh, requestDevice, requestMachineToken } from '../support/client.ts';
import { createPerson, hiddenField } from '../support/person.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

let server: TestServer;
/** Everything secret that was shown to somebody, or that the server keeps for itself, by what it is. */
const secrets = new Map<string, string>();
let dump: string;
before(async () => {
  server = await startServer();
  await driveEverything();
  dump = await readEverything();
});
after(() => server.stop());

/** Leaves rows in every state behind. */
async function driveEverything(): Promise<void> {
  const { issuer, db } = server;
  const keep = (what: string, value: string) => secrets.set(what, value);
  keep('the master secret', testSecret);
  keep('the password', demoUser.password);
  keep('the secret of the machine', demoMachine.secret);
  keep('the secret of the API', demoApi.secret);
  const rotated = await rotateClientSecret(db, demoMachine.id, {
    overlapSeconds: 3_600,
    format: createTokenFormat('pst'),
  });
  keep('the new secret of the machine', 'secret' in rotated ? rotated.secret : '');
  const seal = createKeySeal([testSecret]);
  for (const { sealed } of (await listStoredKeys(db)).keys)
    keep('the signing key', sealed ? (seal.open(sealed).export({ format: 'jwk' }).d ?? '') : '');

  const { body: machine } = await requestMachineToken(issuer);
  keep('a machine token', machine.access_token);
  const person = createPerson(issuer);
  for (const state of ['pending', 'opened', 'denied', 'approved', 'redeemed', 'refreshed']) {
    const { body: device } = await requestDevice(issuer);
    keep(`a device code, ${state}`, device.device_code);
    keep(`a user code, ${state}`, device.user_code);
    keep(`a user code as it is kept, ${state}`, device.user_code.replace('-', ''));
    await poll(issuer, device.device_code);
    if (state === 'pending') continue;
    const page = await person.enterCode(device.user_code);
    keep(`a CSRF token, ${state}`, hiddenField(page, 'csrf'));
    keep(`a ticket, ${state}`, hiddenField(page, 'ticket'));
    if (state === 'opened') continue;
    await person.decide(state === 'denied' ? 'deny' : 'allow');
    if (state === 'denied' || state === 'approved') continue;
    const { body: tokens } = await poll(issuer, device.device_code);
    keep(`an access token, ${state}`, tokens.access_token);
    keep(`a refresh token, ${state}`, tokens.refresh_token);
    if (state === 'redeemed') continue;
    const { body: renewed } = await refresh(issuer, tokens.refresh_token);
    keep('a renewed access token', renewed.access_token);
    keep('a renewed refresh token', renewed.refresh_token);
  }
  for (const [name, value] of person.cookies) keep(`the cookie ${name}`, value);
  const stranger = createPerson(issuer);
  await stranger.signIn({ email: 'nobody@example.com', password: 'a wrong password of somebody' });
  keep('a wrong password', 'a wrong password of somebody');
}

/** Every row of every table as text; bytes in hexadecimal. */
async function readEverything(): Promise<string> {
  const { db } = server;
  const tables = await db.query<{ name: string }>(
    sql`select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await db.query<{ row: string }>(sql`select t::text as row from ${sql.identifier(name)} t`);
    texts.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return texts.join('\n');
}

describe('a dump of the database', () => {
  it('is of all that happened', () => {
    for (const table of [
      'access_tokens_',
      'refresh_tokens_',
      'device_codes',
      'grants',
      'sessions',
      'rate_limits',
    ]) {
      assert.match(dump, new RegExp(`^${table}`, 'm'));
    }
    assert.ok(secrets.size > 30);
    for (const [what, value] of secrets) assert.ok(value.length >= 8, what);
  });

  it('holds no secret, in no spelling', () => {
    for (const [what, value] of secrets) {
      const bytes = Buffer.from(value);
      for (const form of [
        value,
        ...(['hex', 'base64', 'base64url'] as const).map((name) => bytes.toString(name)),
      ]) {
        assert.ok(!dump.includes(form.replace(/=+$/, '')), `${what}: ${form}`);
      }
    }
  });

  it('holds no plain digest of what is short enough to be guessed', () => {
    for (const [what, value] of secrets) {
      if (!/password|user code/.test(what)) continue;
      assert.ok(!dump.includes(sha256(value).toString('hex')), what);
      assert.ok(!dump.includes(sha256(value).toString('base64')), what);
    }
  });

  it('holds nothing that works in place of a token or a code', async () => {
    const [row] = await server.db.query<{ token: Buffer; code: Buffer }>(
      sql`select (select digest from access_tokens limit 1) as token,
            (select digest from device_codes where decided_at is not null and consumed_at is null limit 1) as code`,
    );
    assert.ok(row);
    for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const) {
      assert.deepEqual((await introspect(server.issuer, row.token.toString(form))).body, { active: false });
      const { status, body } = await poll(server.issuer, row.code.toString(form));
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    }
  });
});
