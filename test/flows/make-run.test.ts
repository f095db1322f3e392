import assert from 'node:assert/strict';
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { demoUser } from '../../src/development.ts';
import { findPostmaster, isRunning } from '../../src/postgres/postmaster.ts';
import { introspect, requestMachineToken } from '../support/client.ts';
import { findFreePort } from '../support/port.ts';
import { openDatabase } from '../support/postgres.ts';
import { type Process, serve, startProcess } from '../support/process.ts';

let folder: string;
let data: string;
let issuer: string;
let settings: Record<string, string>;
const started: Process[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern run '));
  issuer = `http://localhost:${await findFreePort()}`;
  settings = { POSTERN_ISSUER: issuer, POSTERN_DATA: join(folder, 'data') };
  data = join(folder, 'data', 'postgres', 'data');
});
after(async () => {
  await Promise.all(started.map((each) => each.end()));
  await rm(folder, { recursive: true });
});

/** Runs `make run` without bringing packages: these tests run on those that are here. */
function makeRun(env = settings): Process {
  const run = startProcess(['make', '-o', 'node_modules/.package-lock.json', 'run'], env);
  started.push(run);
  return run;
}

const isListening = (line: string) => line.includes('"listening"');

/** Its PostgreSQL, which works on the data folder. */
async function postgresOf(folder = data): Promise<number> {
  for (;;) {
    const postmaster = await findPostmaster(folder);
    if (postmaster) return postmaster.pid;
    await wait(5);
  }
}

async function assertAllEnded(run: Process, postgres: number): Promise<void> {
  await run.ended;
  assert.ok(!isRunning(postgres), 'PostgreSQL has ended');
  assert.equal(await findPostmaster(data), undefined);
  await assert.rejects(fetch(issuer));
}

describe('make run', () => {
  let token: string;

  it('starts everything, prints where it is and what to paste, and works', async () => {
    const run = makeRun();
    await run.line(isListening);
    const [postgres, { status, body }] = await Promise.all([postgresOf(), requestMachineToken(issuer)]);
    assert.equal(status, 200);
    token = body.access_token;
    run.interrupt();
    await assertAllEnded(run, postgres);
    for (const text of [
      `${issuer}/.well-known/oauth-authorization-server`,
      `${issuer}/device`,
      `${demoUser.email}  /  ${demoUser.password}`,
      `curl -u demo-machine:demo-machine-secret-for-development-only -d grant_type=client_credentials ${issuer}/oauth/token`,
      `bin/postern login --issuer ${issuer}\n`,
      `curl -u demo-api:demo-api-secret-for-development-only -d token=$(bin/postern token) ${issuer}/oauth/introspect`,
      `bin/postern login --manage --issuer ${issuer}\n`,
    ]) {
      assert.ok(run.stderr().includes(text), `${text}\n${run.stderr()}`);
    }
  });

  it('finds its data again, and stops without a warning', async () => {
    const run = makeRun();
    await run.line(isListening);
    const postgres = await postgresOf();
    assert.equal((await introspect(issuer, token)).body.active, true);
    run.interrupt();
    await assertAllEnded(run, postgres);
    assert.doesNotMatch(run.stdout(), /"level":"(warn|error|fatal)"/);
  });

  it('starts again after it was killed, and loses nothing', async () => {
    const killed = await serve({ ...settings, POSTERN_MODE: 'development' });
    const { body } = await requestMachineToken(issuer);
    killed.kill('SIGKILL');
    await killed.ended;
    const run = makeRun();
    await run.line(isListening);
    const postgres = await postgresOf();
    for (const kept of [token, body.access_token]) {
      assert.equal((await introspect(issuer, kept)).body.active, true);
    }
    run.interrupt();
    await assertAllEnded(run, postgres);
  });

  it('leaves nothing running when it is interrupted while it starts', async () => {
    const run = makeRun();
    const postgres = await postgresOf();
    run.interrupt();
    await assertAllEnded(run, postgres);
  });

  it('can be interrupted while it makes its data, and makes them at the next start', async () => {
    const other = { ...settings, POSTERN_DATA: join(folder, 'interrupted') };
    const interrupted = makeRun(other);
    for (;;) {
      const names = await readdir(other.POSTERN_DATA).catch(() => []);
      if (names.some((name) => name.includes('.partial-'))) break;
      await wait(5);
    }
    interrupted.interrupt();
    await interrupted.ended;
    const run = makeRun(other);
    await run.line(isListening);
    const postgres = await postgresOf(join(other.POSTERN_DATA, 'postgres', 'data'));
    assert.equal((await requestMachineToken(issuer)).status, 200);
    run.interrupt();
    await assertAllEnded(run, postgres);
  });

  it('uses the database of DATABASE_URL instead, if there is one', async () => {
    const database = await openDatabase();
    const run = makeRun({ ...settings, POSTERN_DATA: join(folder, 'other'), DATABASE_URL: database.url });
    await run.line(isListening);
    assert.equal((await requestMachineToken(issuer)).status, 200);
    run.interrupt();
    await run.ended;
    await assert.rejects(access(join(folder, 'other', 'postgres')));
    await database.drop();
  });
});
