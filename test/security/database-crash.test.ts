import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/postgres/embedded.ts';
import { findPostmaster } from '../../src/postgres/postmaster.ts';
import { introspect, requestMachineToken } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { until } from '../support/until.ts';

let directory: string;
let postgres: EmbeddedPostgres;
let server: TestServer;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-crash-'));
  // A durable one: what it has acknowledged must outlive its processes.
  postgres = await startEmbeddedPostgres({ directory: join(directory, 'postgres'), log: testLog });
  server = await startServer({ databaseUrl: postgres.url });
});
after(async () => {
  await server.stop();
  await postgres.stop();
  await rm(directory, { recursive: true });
});

/** Runs one statement on a connection of its own. */
async function ask<Row extends object>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  // Some of what is asked ends the connection that asks.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The processes that serve connections. */
async function listBackends(): Promise<number[]> {
  const rows = await ask<{ pid: number }>(
    `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  return rows.map(({ pid }) => pid);
}

async function requestToken(): Promise<string> {
  const { status, body } = await requestMachineToken(server.issuer);
  assert.equal(status, 200, JSON.stringify(body));
  return body.access_token;
}

/** Asks for tokens until one is answered: PostgreSQL takes its time to recover. Everything else must be a 503. */
async function untilRecovered(): Promise<void> {
  await until(async () => {
    const { status, body } = await requestMachineToken(server.issuer);
    if (status === 200) return true;
    assert.deepEqual([status, body.error], [503, 'temporarily_unavailable']);
    return false;
  });
}

describe('an accident of PostgreSQL itself', () => {
  it('loses no token that was answered when its processes are killed', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, requestToken));
    const [backend = 0] = await listBackends();
    process.kill(backend, 'SIGKILL');
    await untilRecovered();
    for (const token of tokens) assert.equal((await introspect(server.issuer, token)).body.active, true);
  });

  it('is over soon after all connections were ended', async () => {
    const token = await requestToken();
    await ask(`select pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`);
    await untilRecovered();
    assert.equal((await introspect(server.issuer, token)).body.active, true);
  });

  it('is 503 while its processes are paused, and over when they go on', async () => {
    const token = await requestToken();
    const postmaster = await findPostmaster(join(directory, 'postgres', 'data'));
    const paused = [...(await listBackends()), postmaster?.pid ?? 0];
    for (const pid of paused) process.kill(pid, 'SIGSTOP');
    try {
      const answers = await Promise.all([
        requestMachineToken(server.issuer),
        introspect(server.issuer, token),
      ]);
      for (const { status, body } of answers) {
        assert.deepEqual([status, body.error], [503, 'temporarily_unavailable']);
      }
    } finally {
      for (const pid of paused) process.kill(pid, 'SIGCONT');
    }
    await untilRecovered();
    assert.equal((await introspect(server.issuer, token)).body.active, true);
  });

  it('is 503 where a failover has left a server that only reads', async () => {
    const token = await requestToken();
    await ask('alter system set default_transaction_read_only = on');
    await ask('select pg_reload_conf()');
    try {
      const limit = AbortSignal.timeout(30_000);
      let answer = await requestMachineToken(server.issuer);
      while (answer.status === 200 && !limit.aborted) answer = await requestMachineToken(server.issuer);
      assert.deepEqual([answer.status, answer.body.error], [503, 'temporarily_unavailable']);
      assert.equal((await introspect(server.issuer, token)).body.active, true);
    } finally {
      await ask('alter system reset default_transaction_read_only');
      await ask('select pg_reload_conf()');
    }
    await untilRecovered();
  });
});
