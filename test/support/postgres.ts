import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after } from 'node:test';
import pg from 'pg';
import type { EmbeddedPostgres } from '../../src/postgres/embedded.ts';
import { listMigrations, migrate } from '../../src/postgres/migrate.ts';
import { inRoot } from '../../src/root.ts';
import { startTemporaryPostgres, testLog } from './temporary-postgres.ts';

/** A database with every migration applied and nothing else in it. */
export type TestDatabase = { readonly url: string; drop(): Promise<void> };

/** The server of the whole run, which `run.ts` or a person provides; a file that is run by itself starts its own. */
const given = process.env.POSTERN_TEST_POSTGRES;
let own: Promise<EmbeddedPostgres> | undefined;
after(async () => (await own)?.stop());

let template: Promise<string> | undefined;

/** Makes a database for this test file alone. One that is not dropped goes with the server. */
export async function openDatabase(): Promise<TestDatabase> {
  const server = await findServer();
  template ??= ensureTemplate(server);
  const name = `test_${randomBytes(8).toString('hex')}`;
  const origin = await template;
  await onServer(server, (client) =>
    client.query(`create database ${name} template ${origin} strategy file_copy`),
  );
  return {
    url: withName(server, name),
    drop: () =>
      onServer(server, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

async function findServer(): Promise<string> {
  if (given) return given;
  own ??= startTemporaryPostgres();
  return (await own).url;
}

/** Named after the migrations' text, so that a server which outlives the run never serves an outdated one. */
async function ensureTemplate(server: string): Promise<string> {
  const digest = createHash('sha256');
  for (const name of await listMigrations())
    digest.update(await readFile(inRoot('migrations', `${name}.sql`)));
  const name = `template_${digest.digest('hex').slice(0, 16)}`;
  await onServer(server, async (client) => {
    // Every test file's process comes here; the first one works.
    await client.query('select pg_advisory_lock(8628)');
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount) return;
    await client.query(`drop database if exists ${name}_partial with (force)`);
    await client.query(`create database ${name}_partial`);
    await migrate(withName(server, `${name}_partial`), testLog);
    await client.query(`alter database ${name}_partial rename to ${name}`);
  });
  return name;
}

async function onServer<Result>(
  server: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function withName(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
