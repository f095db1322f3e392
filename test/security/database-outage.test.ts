import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPool } from '../../src/postgres/pool.ts';
import { type Sql, sql } from '../../src/postgres/sql.ts';
import {
  type Answer,
  introspect,
  poll,
  refresh,
  requestDevice,
  requestMachineToken,
  revoke,
} from '../support/client.ts';
import { type DatabaseLine, openDatabaseLine } from '../support/database-line.ts';
import { createPerson, type Person } from '../support/person.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let line: DatabaseLine;
let server: TestServer;
let person: Person;
before(async () => {
  database = await openDatabase();
  line = await openDatabaseLine(database.url);
  server = await startServer({ databaseUrl: line.url });
  person = createPerson(server.issuer);
  await person.signIn();
});
after(async () => {
  await line.mend();
  await server.stop();
  await line.close();
  await database.drop();
});

/** What a client was told and holds on to, and a code that a person has approved. */
async function collectTokens() {
  const { body: machine } = await requestMachineToken(server.issuer);
  const { body: first } = await letIn();
  const { body: waiting } = await requestDevice(server.issuer);
  await person.enterCode(waiting.user_code);
  await person.decide('allow');
  return { machine, device: first, waiting };
}

async function letIn() {
  const { body: device } = await requestDevice(server.issuer);
  await person.enterCode(device.user_code);
  await person.decide('allow');
  return poll(server.issuer, device.device_code);
}

type Tokens = Awaited<ReturnType<typeof collectTokens>>;

/** One request to each endpoint and grant. */
function askEverything({ machine, device, waiting }: Tokens): Promise<Answer>[] {
  const { issuer } = server;
  return [
    requestMachineToken(issuer),
    poll(issuer, waiting.device_code),
    refresh(issuer, device.refresh_token),
    requestDevice(issuer),
    introspect(issuer, machine.access_token),
    introspect(issuer, device.refresh_token),
    revoke(issuer, device.refresh_token),
  ];
}

async function assertUnavailable(answers: Promise<Answer>[]): Promise<void> {
  for (const { status, headers, body } of await Promise.all(answers)) {
    assert.equal(status, 503, JSON.stringify(body));
    assert.equal(body.error, 'temporarily_unavailable');
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.match(headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(headers.get('cache-control'), 'no-store');
  }
}

/** That nobody lost anything: what was answered before holds, and what was refused meanwhile works now. */
async function assertNothingLost({ machine, device, waiting }: Tokens): Promise<void> {
  const { issuer } = server;
  for (const token of [machine.access_token, device.access_token]) {
    assert.equal((await introspect(issuer, token)).body.active, true);
  }
  assert.equal((await refresh(issuer, device.refresh_token)).status, 200);
  assert.equal((await poll(issuer, waiting.device_code)).status, 200);
}

async function isReady(): Promise<boolean> {
  return (await fetch(`${server.issuer}/health/ready`)).status === 200;
}

async function untilReady(milliseconds: number): Promise<void> {
  await until(isReady, AbortSignal.timeout(milliseconds));
}

describe('a database that is away', () => {
  for (const accident of ['cut', 'stall'] as const) {
    it(`is 503 with Retry-After at every endpoint, and nothing is lost (${accident})`, async () => {
      const tokens = await collectTokens();
      await line[accident]();
      try {
        await assertUnavailable(askEverything(tokens));
      } finally {
        await line.mend();
      }
      await untilReady(30_000);
      await assertNothingLost(tokens);
    });
  }

  it('is a page of its own for people', async () => {
    await line.cut();
    try {
      const pages = [await person.open('/device'), await person.send('/sign-out', {})];
      for (const { status, html } of pages) {
        assert.equal(status, 503);
        assert.match(html, /<!doctype html>/i);
      }
    } finally {
      await line.mend();
    }
    await untilReady(30_000);
    assert.equal((await person.open('/device')).status, 200);
  });

  it('leaves the process alive but not ready', async () => {
    await line.stall();
    try {
      const ended: string[] = [];
      const ask = async <Value>(name: string, asked: Promise<Value>) => {
        const answer = await asked;
        ended.push(name);
        return answer;
      };
      // The check waits for two seconds, a query for five.
      const token = ask('token', requestMachineToken(server.issuer));
      const [live, ready] = await Promise.all(
        ['live', 'ready'].map((name) => ask(name, fetch(`${server.issuer}/health/${name}`))),
      );
      assert.equal(live?.status, 200);
      assert.equal(ready?.status, 503);
      const { checks } = (await ready.json()) as { checks: object };
      assert.deepEqual(checks, { serving: 'ok', database: 'failed', signing_key: 'ok' });
      await assertUnavailable([token]);
      assert.deepEqual(ended, ['live', 'ready', 'token']);
    } finally {
      await line.mend();
    }
    await untilReady(30_000);
  });

  it('does not let a flood pile up', async () => {
    await line.stall();
    try {
      const started = performance.now();
      // Requests of clients that come at once share a statement; those of people have one each.
      const clients = Array.from({ length: 100 }, () => requestMachineToken(server.issuer));
      const people = Array.from({ length: 100 }, () => person.open('/device'));
      await assertUnavailable(clients);
      for (const { status } of await Promise.all(people)) assert.equal(status, 503);
      const ms = performance.now() - started;
      // One time-out of 5 s. The pool's ten after ten would wait for ten of them, or for ever.
      assert.ok(ms < 40_000, `the last of them waited ${ms} ms`);
    } finally {
      await line.mend();
    }
    await untilReady(30_000);
  });

  for (const [refusal, begin, end] of [
    ['lets nobody in', sql`allow_connections false`, sql`allow_connections true`],
    [
      'lets nothing be written',
      sql`set default_transaction_read_only = on`,
      sql`reset default_transaction_read_only`,
    ],
  ] as const) {
    it(`is one that ${refusal}, too`, async () => {
      const url = new URL(database.url);
      const name = url.pathname.slice(1);
      url.pathname = '/postgres';
      const operator = createPool({ url: url.href, log: testLog, max: 1 });
      // What it says holds for the connections that come after it.
      const say = async (words: Sql) => {
        await operator.query(sql`alter database ${sql.identifier(name)} ${words}`);
        await operator.query(
          sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = ${name}`,
        );
      };
      const ask = () => requestMachineToken(server.issuer);
      try {
        await say(begin);
        const refused = await until(async () => {
          const answer = await ask();
          return answer.status !== 200 && answer;
        });
        await assertUnavailable([Promise.resolve(refused), ask(), requestDevice(server.issuer)]);
      } finally {
        await say(end);
        await operator.close();
      }
      await until(async () => (await ask()).status === 200);
    });
  }

  it('costs nobody a login when only the answer to a commit was lost', async () => {
    const { device, waiting } = await collectTokens();
    line.loseAnswerTo('update refresh_tokens set consumed_at');
    await assertUnavailable([refresh(server.issuer, device.refresh_token)]);
    const { status, body } = await refresh(server.issuer, device.refresh_token);
    assert.equal(status, 200);
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);

    line.loseAnswerTo('update device_codes set consumed_at');
    const lost = await poll(server.issuer, waiting.device_code);
    await assertUnavailable([Promise.resolve(lost)]);
    const seconds = lost.headers.get('retry-after');
    await server.db.query(
      sql`update device_codes set consumed_at = consumed_at - make_interval(secs => ${seconds}::float8)
          where consumed_at is not null`,
    );
    const found = await poll(server.issuer, waiting.device_code);
    assert.equal(found.status, 200);
    assert.equal((await introspect(server.issuer, found.body.access_token)).body.active, true);
  });
});
