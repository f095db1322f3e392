import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { accountTokens } from '../../src/cli/account.ts';
import { awaitApproval } from '../../src/cli/approval.ts';
import { knownServer } from '../../src/cli/authorization-server.ts';
import { openCredentials } from '../../src/cli/credentials.ts';
import { systemClock } from '../../src/clock.ts';
import { makeHome, runCommand } from './terminal.ts';

/** A third of it is for a request of OAuth. */
const patienceMs = 1_500;
const advice = 'try again, or ask whoever runs it';

/** A server that accepts every connection and hears every request, and says nothing unless `answer` does. */
async function startSilence(t: TestContext, answer: (asked: string[], socket: Socket) => void = () => {}) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const [line] = /^[A-Z]+ \S+/.exec(chunk.toString()) ?? [];
      if (line) asked.push(line);
      answer(asked, socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Somebody whose access token there has expired. */
function accountAt(issuer: string) {
  const tokens = {
    access_token: 'pst_at_x',
    token_type: 'bearer',
    expires_in: 60,
    refresh_token: 'pst_rt_x',
  };
  return {
    issuer,
    client_id: 'cli',
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    ...accountTokens(tokens, { scope: '' }, new Date(0)),
  };
}

describe('a server that says nothing', { concurrency: true }, () => {
  for (const [words, advised] of [
    ['me', advice],
    ['tokens create Once --permission https://api.example.com=read', 'look whether it was done'],
  ] as const) {
    it(`is asked no more than once by postern ${words}`, async (t) => {
      const { issuer, asked } = await startSilence(t);
      const env = { ...(await makeHome(t)), POSTERN_ISSUER: issuer, POSTERN_TOKEN: 'pst_api_x' };
      const outcome = await runCommand(words.split(' '), { env, patienceMs });
      const stderr = `postern: ${issuer} cannot be reached: no answer within 2 seconds; ${advised}\n`;
      assert.deepEqual(outcome, { exitCode: 1, stdout: '', stderr });
      assert.ok(asked.length <= 1, asked.join());
    });
  }

  it('ends a login before it has begun', async (t) => {
    const { issuer } = await startSilence(t);
    const env = { ...(await makeHome(t)), POSTERN_ISSUER: issuer };
    const outcome = await runCommand(['login'], { env, patienceMs });
    const stderr = `postern: Cannot sign in to ${issuer}: no answer within 1 second; ${advice}\n`;
    assert.deepEqual(outcome, { exitCode: 1, stdout: '', stderr });
  });

  it('is asked twice at most for a renewal, which it may have made, and told once of a logout', async (t) => {
    const { issuer, asked } = await startSilence(t);
    const env = await makeHome(t);
    await openCredentials(env).add(accountAt(issuer));
    const renewal = await runCommand(['token'], { env, patienceMs });
    const stderr = `postern: ${issuer} cannot be reached: no answer within 1 second; ${advice}\n`;
    assert.deepEqual(renewal, { exitCode: 1, stdout: '', stderr });
    const logout = await runCommand(['logout'], { env, patienceMs });
    assert.equal(logout.exitCode, 1);
    assert.match(logout.stderr, /could not be told: no answer within 1 second\. Until it expires/);
    assert.ok(asked.length <= 3, asked.join());
  });
});

describe('the polls of a login', { concurrency: true }, () => {
  const device = { device_code: 'x', user_code: 'X', verification_uri: '/', expires_in: 600, interval: 0.01 };
  const waiting = {
    clock: systemClock,
    expiresAt: new Date(systemClock.now().getTime() + 600_000),
    signal: new AbortController().signal,
    proofs: {},
    onLoss: () => {},
    onReturn: () => {},
    onNumber: () => {},
  };

  it('survive a silent moment', async (t) => {
    const token = JSON.stringify({ access_token: 'x', token_type: 'Bearer' });
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${token.length}`;
    const { issuer } = await startSilence(t, ({ length }, socket) => {
      if (length > 2) socket.write(`${head}\r\n\r\n${token}`);
    });
    const reasons: string[] = [];
    const server = knownServer(accountAt(issuer), { patienceMs });
    const onLoss = (reason: string) => reasons.push(reason);
    const approval = await awaitApproval(server, device, { ...waiting, onLoss });
    assert.equal(approval.kind, 'approved');
    assert.deepEqual(reasons.slice(0, 2), ['no answer within 1 second', 'no answer within 1 second']);
  });

  it('wait where the server names an interval that no timer can hold', async (t) => {
    const [named, other] = [await startSilence(t), await startSilence(t)];
    const aborting = new AbortController();
    const pollAt = (issuer: string, interval: number, onLoss: () => void) =>
      awaitApproval(
        knownServer(accountAt(issuer), { patienceMs: 300 }),
        { ...device, interval },
        { ...waiting, signal: aborting.signal, onLoss },
      );
    const polls = pollAt(named.issuer, Number.POSITIVE_INFINITY, () => {});
    // Whoever did not wait would have asked by the time at which somebody else was not heard.
    await pollAt(other.issuer, 0.01, () => aborting.abort());
    assert.deepEqual(await polls, { kind: 'interrupted' });
    assert.deepEqual(named.asked, []);
  });

  it('end with the code where the silence outlasts it', async (t) => {
    const { issuer } = await startSilence(t);
    let now = waiting.clock.now();
    const approval = await awaitApproval(knownServer(accountAt(issuer), { patienceMs }), device, {
      ...waiting,
      clock: { now: () => now },
      onLoss: () => {
        now = waiting.expiresAt;
      },
    });
    assert.deepEqual(approval, { kind: 'unreachable', reason: 'no answer within 1 second' });
  });
});
