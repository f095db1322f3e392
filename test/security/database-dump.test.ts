import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serverChain } from '../../src/audit/chain.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { untilRecorded } from '../support/audit.ts';
import { introspect, poll } from '../support/client.ts';
import { driveKeySecrets, driveSecrets, type Secrets, spellings } from '../support/secrets.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let secrets: Secrets;
let dump: string;
before(async () => {
  server = await startServer();
  secrets = new Map([...(await driveSecrets(server)), ...(await driveKeySecrets(server))]);
  await untilRecorded(server.db, serverChain, { action: 'sign_in.failed' });
  dump = await readEverything();
});
after(() => server.stop());

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
      'records',
      'revoked_tokens_',
      'audit_events_',
      'audit_keys',
    ]) {
      assert.match(dump, new RegExp(`^${table}`, 'm'));
    }
    assert.ok(secrets.size > 50);
    for (const [what, value] of secrets) assert.ok(value.length >= 8, what);
  });

  it('holds no secret, in no spelling', () => {
    for (const [what, value] of secrets) {
      for (const form of spellings(value)) assert.ok(!dump.includes(form), `${what}: ${form}`);
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
