import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from '../../src/postgres/sql.ts';
import { type Answer, post } from '../support/client.ts';
import { openDatabaseLine } from '../support/database-line.ts';
import { findFreePort } from '../support/port.ts';
import { type Process, serve } from '../support/process.ts';
import {
  introspectAsRobot,
  openProduction,
  type Production,
  requestRobotToken,
} from '../support/production.ts';
import { until } from '../support/until.ts';

let production: Production;
before(async () => {
  production = await openProduction();
});
after(async () => {
  await Promise.all([...balancers.map((each) => each.close()), ...processes.map((each) => each.end())]);
  await production.drop();
});

const processes: Process[] = [];
const balancers: { close(): Promise<void> }[] = [];

type Member = { address: string; process: Process };

async function startMember(port?: number): Promise<Member> {
  const free = port ?? (await findFreePort());
  const process = await serve(production.settings(free));
  processes.push(process);
  return { address: `http://localhost:${free}`, process };
}

/** A load balancer: sends each request to the next server that was ready when it last looked. */
function createBalancer(addresses: string[]) {
  const ready = new Set(addresses);
  let next = 0;
  let isOpen = true;
  const probes = addresses.map(async (address) => {
    while (isOpen) {
      const answer = await fetch(`${address}/health/ready`).catch(() => undefined);
      if (answer?.status === 200) ready.add(address);
      else ready.delete(address);
      await answer?.text();
      await wait(20);
    }
  });
  const balancer = {
    isReady: (address: string) => ready.has(address),
    pick() {
      next += 1;
      return [...ready][next % ready.size];
    },
    async close() {
      isOpen = false;
      await Promise.all(probes);
    },
  };
  balancers.push(balancer);
  return balancer;
}

/** Keeps this many clients asking for tokens, each at the address that it is given, until there is none for it. */
function startClients(count: number, pick: () => string | undefined) {
  const answers: Answer[] = [];
  const failures: unknown[] = [];
  const clients = Array.from({ length: count }, async () => {
    for (let address = pick(); address !== undefined; address = pick()) {
      await requestRobotToken(address).then(
        (answer) => answers.push(answer),
        (error: unknown) => failures.push(error),
      );
    }
  });
  return { answers, failures, ended: Promise.all(clients) };
}

/** Whether something listens there. */
async function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

describe('a server that is told to stop', { concurrency: true }, () => {
  it('says that it is not ready and fails no request of a client that heeds it', async () => {
    const { address, process } = await startMember();
    const balancer = createBalancer([address]);
    const clients = startClients(12, balancer.pick);
    await until(() => clients.answers.length > 100);
    process.kill('SIGTERM');
    await clients.ended;
    assert.equal(balancer.isReady(address), false);
    assert.equal((await fetch(`${address}/health/live`)).status, 200);
    await balancer.close();
    assert.deepEqual(await process.ended, { code: 0, signal: null });
    assert.deepEqual(clients.failures, []);
    assert.deepEqual([...new Set(clients.answers.map(({ status }) => status))], [200]);
    assert.match(process.stdout(), /"stopped"/);
  });

  it('answers what is in flight after it has closed its door', async () => {
    const { address, process } = await startMember();
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const lock = production.db.transaction(async (db) => {
      // Whoever wants to write a client's failures waits; reading clients does not.
      await db.query(sql`lock table rate_limits in exclusive mode`);
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const pending = post(
      `${address}/oauth/token`,
      { grant_type: 'client_credentials' },
      { basic: 'robot:wrong' },
    );
    await until(async () => {
      const waiting = sql`
        select from pg_locks
        where database = (select oid from pg_database where datname = current_database())
          and relation = 'rate_limits'::regclass and not granted`;
      return (await production.db.query(waiting)).length > 0;
    });
    process.kill('SIGTERM');
    await until(async () => !(await listens(address)));
    release.resolve();
    await lock;
    const answer = await pending;
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('connection'), 'close');
    assert.deepEqual(await process.ended, { code: 0, signal: null });
  });

  it('stops although its database is paused', async () => {
    const line = await openDatabaseLine(production.db.url);
    const port = await findFreePort();
    const process = await serve({ ...production.settings(port), DATABASE_URL: line.url });
    await requestRobotToken(`http://localhost:${port}`);
    line.stall();
    process.kill('SIGTERM');
    const slow = AbortSignal.timeout(60_000);
    slow.onabort = () => process.kill('SIGKILL');
    assert.deepEqual(await process.ended, { code: 0, signal: null });
    await line.close();
  });
});

describe('a rolling restart of two servers', () => {
  it('fails no request', async () => {
    const members = await Promise.all([startMember(), startMember()]);
    let isOver = false;
    const balancer = createBalancer(members.map(({ address }) => address));
    const clients = startClients(8, () => (isOver ? undefined : balancer.pick()));
    for (const member of members) {
      member.process.kill('SIGTERM');
      assert.equal((await member.process.ended).code, 0);
      member.process = (await startMember(Number(new URL(member.address).port))).process;
      await until(() => balancer.isReady(member.address));
    }
    isOver = true;
    await clients.ended;
    await balancer.close();
    assert.deepEqual(clients.failures, []);
    assert.deepEqual([...new Set(clients.answers.map(({ status }) => status))], [200]);
    const token = clients.answers[0]?.body.access_token;
    for (const { address, process } of members) {
      assert.equal((await introspectAsRobot(address, token)).body.active, true);
      process.kill('SIGTERM');
    }
    await Promise.all(members.map(({ process }) => process.ended));
  });
});
