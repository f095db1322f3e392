import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Answer, basic } from '../support/client.ts';
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
  await Promise.all(processes.map((each) => each.end()));
  await production.drop();
});

const processes: Process[] = [];

type Member = { address: string; process: Process };

async function startMember(port?: number): Promise<Member> {
  const free = port ?? (await findFreePort());
  const process = await serve(production.settings(free));
  processes.push(process);
  return { address: `http://localhost:${free}`, process };
}

/** A load balancer: asks each server in turn whether it is ready, and sends the next request to the first that is. */
function createBalancer(addresses: string[]) {
  const refusals: (number | undefined)[] = [];
  let next = 0;
  async function isReady(address: string): Promise<boolean> {
    const answer = await fetch(`${address}/health/ready`).catch(() => undefined);
    await answer?.text();
    if (answer?.status !== 200) refusals.push(answer?.status);
    return answer?.status === 200;
  }
  async function pick(): Promise<string | undefined> {
    for (let count = 0; count < addresses.length; count += 1) {
      next += 1;
      const address = addresses[next % addresses.length];
      if (address !== undefined && (await isReady(address))) return address;
    }
    return undefined;
  }
  return { isReady, pick, refusals };
}

/** Keeps this many clients asking for tokens, each at the address that it is given, until there is none for it. */
function startClients(count: number, pick: () => Promise<string | undefined>) {
  const answers: Answer[] = [];
  const failures: unknown[] = [];
  const clients = Array.from({ length: count }, async () => {
    for (let address = await pick(); address !== undefined; address = await pick()) {
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
    const clients = startClients(5, balancer.pick);
    await until(() => clients.answers.length > 50);
    process.kill('SIGTERM');
    await clients.ended;
    assert.deepEqual(balancer.refusals, Array(5).fill(503));
    assert.deepEqual(await process.ended, { code: 0, signal: null });
    assert.deepEqual(clients.failures, []);
    assert.deepEqual([...new Set(clients.answers.map(({ status }) => status))], [200]);
    assert.match(process.stdout(), /"stopped"/);
  });

  it('answers what is in flight after it has closed its door', async () => {
    const { address, process } = await startMember();
    const sending = request(`${address}/oauth/token`, {
      method: 'POST',
      headers: {
        authorization: basic('robot:wrong'),
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    await new Promise((resolve) => sending.write('grant_type=', resolve));
    process.kill('SIGTERM');
    await until(async () => !(await listens(address)));
    sending.end('client_credentials');
    const [answer] = await answered;
    assert.equal(answer.statusCode, 401);
    assert.equal(answer.headers.connection, 'close');
    answer.resume();
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
    const clients = startClients(5, async () => (isOver ? undefined : await until(balancer.pick)));
    for (const member of members) {
      member.process.kill('SIGTERM');
      assert.equal((await member.process.ended).code, 0);
      member.process = (await startMember(Number(new URL(member.address).port))).process;
      await until(() => balancer.isReady(member.address));
    }
    isOver = true;
    await clients.ended;
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
