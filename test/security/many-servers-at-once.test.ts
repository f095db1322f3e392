import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Running, startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { findFreePort } from '../support/port.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { type Process, serve } from '../support/process.ts';
import { captureLog, testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';

let database: TestDatabase;
let db: Pool;
let settings: Record<string, string>;
const running: Running[] = [];
const processes: Process[] = [];
before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log: testLog, max: 2 });
  await db.query(sql`drop schema public cascade`);
  await db.query(sql`create schema public`);
  settings = {
    POSTERN_ISSUER: 'http://localhost:8628',
    POSTERN_SECRET: testSecret,
    DATABASE_URL: database.url,
  };
});
after(async () => {
  await Promise.all([...processes.map((each) => each.end()), ...running.map((each) => each.stop())]);
  await db.close();
  await database.drop();
});

/** A server in this process; what it has logged when it listens, and where. */
async function startHere(): Promise<{ port: number; logged: string }> {
  const { log, logged } = captureLog();
  const server = await startApp(loadConfig({ ...settings, POSTERN_PORT: '0' }), log);
  running.push(server);
  return { port: server.port, logged: logged() };
}

/** A server in a process of its own. */
async function startThere(): Promise<{ port: number; logged: string }> {
  const port = await findFreePort();
  const server = await serve({ ...settings, POSTERN_PORT: String(port) });
  processes.push(server);
  return { port, logged: server.stdout() };
}

describe('twenty servers that start on an empty database at once', () => {
  it('all come up with the same key, and each migration has run once', async () => {
    const servers = await Promise.all([
      ...Array.from({ length: 4 }, startThere),
      ...Array.from({ length: 16 }, startHere),
    ]);
    const answers = await Promise.all(
      servers.map(async ({ port }) => {
        const ready = await fetch(`http://localhost:${port}/health/ready`);
        const keys = await fetch(`http://localhost:${port}/.well-known/jwks.json`);
        return { status: ready.status, keys: await keys.text() };
      }),
    );
    for (const { status, keys } of answers) {
      assert.equal(status, 200);
      assert.equal(keys, answers[0]?.keys);
    }
    const migrators = servers.filter(({ logged }) => logged.includes('migrated the database'));
    assert.equal(migrators.length, 1);
    const twice = await db.query(sql`select name from migrations group by name having count(*) > 1`);
    assert.deepEqual(twice, []);
    assert.equal((await db.query(sql`select from signing_keys`)).length, 1);
  });
});
