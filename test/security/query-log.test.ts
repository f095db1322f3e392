import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/postgres/embedded.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { spellings } from '../support/search.ts';
import { driveKeySecrets, driveSecrets, type Secrets } from '../support/secrets.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { until } from '../support/until.ts';

let directory: string;
let postgres: EmbeddedPostgres;
let server: TestServer;
let secrets: Secrets;
/** What PostgreSQL has written down: every statement and every parameter. */
let queries: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-query-log-'));
  postgres = await startEmbeddedPostgres({
    directory: join(directory, 'postgres'),
    log: testLog,
    durable: false,
  });
  server = await startServer({ databaseUrl: postgres.url });
  const { db } = server;
  const log = () => readFile(join(directory, 'postgres', 'server.log'), 'utf8');
  // As talkative as it can be made without a restart.
  await db.query(sql`alter system set log_statement = 'all'`);
  await db.query(sql`alter system set log_min_duration_statement = 0`);
  await db.query(sql`alter system set log_parameter_max_length = -1`);
  await db.query(sql`alter system set log_parameter_max_length_on_error = -1`);
  await db.query(sql`select pg_reload_conf()`);
  await until(async () => {
    await db.query(sql`select 'heard'`);
    return (await log()).includes("select 'heard'");
  });
  secrets = new Map([...(await driveSecrets(server)), ...(await driveKeySecrets(server))]);
  queries = await log();
});
after(async () => {
  await server.stop();
  await postgres.stop();
  await rm(directory, { recursive: true });
});

describe('the log of PostgreSQL, at its most talkative', () => {
  it('has the statements of all that happened, with their parameters', () => {
    for (const statement of [
      'insert into device_codes',
      'update device_codes',
      'update refresh_tokens',
      'insert into revoked_tokens',
      'insert into records',
      'insert into client_secrets',
      'insert into sessions',
      'from access_tokens',
      'rate_limits',
    ]) {
      assert.ok(queries.includes(statement), statement);
    }
    assert.match(queries, /parameters: \$1 = '/i);
    const [device = ''] = [...secrets].find(([what]) => what === 'a bound device code')?.slice(1) ?? [];
    assert.ok(queries.includes(sha256(device).toString('hex')), 'a device code is there as its digest');
  });

  it('holds no secret, in no spelling', () => {
    for (const [what, value] of secrets) {
      for (const form of spellings(value)) assert.ok(!queries.includes(form), `${what}: ${form}`);
    }
  });

  it('holds no plain digest of what is short enough to be guessed', () => {
    for (const [what, value] of secrets) {
      if (!/password|user code/.test(what)) continue;
      for (const form of ['hex', 'base64', 'base64url'] as const)
        assert.ok(!queries.includes(sha256(value).toString(form)), what);
    }
  });
});
