import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { startEmbeddedPostgres } from '../../src/postgres/embedded.ts';
import { inRoot } from '../../src/root.ts';

const log = createLog({ level: 'silent' });

describe('the PostgreSQL of our own', () => {
  let folder: string;
  let directory: string;
  const children: ChildProcess[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern embedded '));
    directory = join(folder, 'postgres');
  });

  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await start().then((postgres) => postgres.stop());
    await rm(folder, { recursive: true });
  });

  const start = () => startEmbeddedPostgres({ directory, log });

  /** Another process that has it started and waits; resolves with the URL. */
  const startElsewhere = async (path = directory): Promise<{ child: ChildProcess; url: string }> => {
    const program = `
      import { createLog } from ${JSON.stringify(inRoot('src/log.ts'))};
      import { startEmbeddedPostgres } from ${JSON.stringify(inRoot('src/postgres/embedded.ts'))};
      const log = createLog({ level: 'silent' });
      const { url } = await startEmbeddedPostgres({ directory: ${JSON.stringify(path)}, log });
      process.stdout.write(url);
      setInterval(() => {}, 60_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    for await (const url of child.stdout) return { child, url: String(url) };
    throw new Error('the other process ended before PostgreSQL had started');
  };

  it('makes its data at the first start, behind a password that only its owner can read', async () => {
    const postgres = await start();
    try {
      await query(postgres.url, 'create table kept (word text)');
      const wrong = new URL(postgres.url);
      wrong.password = 'guess';
      await assert.rejects(query(wrong.href, 'select 1'), /password authentication failed/);
      assert.equal((await readFile(join(directory, 'password'), 'utf8')).trim().length, 43);
    } finally {
      await postgres.stop();
    }
  });

  it('finds its data again', async () => {
    const first = await start();
    await query(first.url, `insert into kept values ('again')`);
    await first.stop();
    const second = await start();
    try {
      assert.deepEqual(await query(second.url, 'select word from kept'), [{ word: 'again' }]);
    } finally {
      await second.stop();
    }
  });

  it('has ended when stop returns, however often that is called', async () => {
    const postgres = await start();
    await Promise.all([postgres.stop(), postgres.stop()]);
    await postgres.stop();
    await assert.rejects(query(postgres.url, 'select 1'), { code: 'ECONNREFUSED' });
    assert.ok(!(await readdir(join(directory, 'data'))).includes('postmaster.pid'));
  });

  it('starts again after its process was killed, and keeps what was committed', async () => {
    const { child, url } = await startElsewhere();
    await query(url, `insert into kept values ('before the crash')`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const postgres = await start();
    try {
      assert.equal((await query(postgres.url, `select from kept where word = 'before the crash'`)).length, 1);
      await assert.rejects(query(url, 'select 1'), { code: 'ECONNREFUSED' });
    } finally {
      await postgres.stop();
    }
  });

  it('starts again after PostgreSQL and its process were killed together', async () => {
    const { child, url } = await startElsewhere();
    await query(url, `insert into kept values ('before the power cut')`);
    process.kill(await postmasterPid(directory), 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const postgres = await start();
    try {
      assert.equal(
        (await query(postgres.url, `select from kept where word = 'before the power cut'`)).length,
        1,
      );
    } finally {
      await postgres.stop();
    }
  });

  it('is not held up by a number of a process that now belongs to another program', async () => {
    const stranger = spawn('sleep', ['60']);
    children.push(stranger);
    await writeFile(
      join(directory, 'data', 'postmaster.pid'),
      `${stranger.pid}\n${directory}/data\n1\n5432\n\n`,
    );
    await (await start()).stop();
    assert.equal(stranger.exitCode, null);
    assert.equal(stranger.signalCode, null);
  });

  it('tells a second process which one has the folder', async () => {
    const { child } = await startElsewhere();
    await assert.rejects(start(), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'conflict');
      assert.match(error.message, new RegExp(`process ${child.pid}\\b`));
      return true;
    });
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  it('makes its data anew when that was interrupted', async () => {
    const interrupted = join(folder, 'interrupted');
    const started = startElsewhere(interrupted);
    const partial = await appears(folder, (name) => name.startsWith('interrupted.partial-'));
    await appears(join(folder, partial), (name) => name === 'data');
    await appears(join(folder, partial, 'data'), (name) => name === 'PG_VERSION');
    const child = children.at(-1);
    child?.kill('SIGKILL');
    await assert.rejects(started);
    assert.ok(!(await readdir(folder)).includes('interrupted'));
    const postgres = await startEmbeddedPostgres({ directory: interrupted, log });
    await postgres.stop();
    assert.deepEqual((await readdir(folder)).sort(), ['interrupted', 'postgres']);
  });

  it('refuses data of another major version and leaves it alone', async () => {
    const version = join(directory, 'data', 'PG_VERSION');
    const written = await readFile(version, 'utf8');
    await writeFile(version, '17\n');
    try {
      await assert.rejects(start(), {
        code: 'configuration',
        message: /PostgreSQL 17, and this is PostgreSQL 18/,
      });
    } finally {
      await writeFile(version, written);
    }
  });

  it('says what PostgreSQL said when it cannot start', async () => {
    const settings = join(directory, 'data', 'postgresql.auto.conf');
    const written = await readFile(settings, 'utf8');
    await writeFile(settings, `shared_buffers = 'plenty'\n`);
    try {
      await assert.rejects(start(), {
        code: 'database_unavailable',
        message: /invalid value.*shared_buffers/,
      });
    } finally {
      await writeFile(settings, written);
    }
  });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** The name that fits, as soon as the folder has one. */
async function appears(path: string, fits: (name: string) => boolean): Promise<string> {
  for (;;) {
    const name = (await readdir(path)).find(fits);
    if (name) return name;
    await wait(5);
  }
}

async function postmasterPid(directory: string): Promise<number> {
  return Number.parseInt(await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8'), 10);
}
