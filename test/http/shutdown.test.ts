import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createShutdown } from '../../src/http/shutdown.ts';
import { openDoor } from './door.ts';

/** A door with a route whose answer waits until the test lets it go. */
async function openSlowDoor(t: Parameters<typeof openDoor>[0], deadlineMs: number, noticeMs = 0) {
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const routes = {
    '/slow': {
      answers: 'json' as const,
      GET: async (ctx: { body: unknown }) => {
        arrived.resolve();
        await release.promise;
        ctx.body = { done: true };
      },
    },
  };
  const door = await openDoor(t, { routes });
  const shutdown = createShutdown(door.server, { noticeMs, deadlineMs });
  return { ...door, shutdown, arrived: arrived.promise, release: () => release.resolve() };
}

test('what is in flight is answered, then the connection closes and nothing more is taken', async (t) => {
  const { origin, shutdown, arrived, release } = await openSlowDoor(t, 5_000);
  const pending = fetch(`${origin}/slow`);
  await arrived;
  assert.equal(shutdown.isStopping(), false);
  const stopped = shutdown.stop();
  assert.equal(shutdown.isStopping(), true);
  assert.equal(shutdown.stop(), stopped);
  release();
  const answer = await pending;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('connection'), 'close');
  assert.deepEqual(await answer.json(), { done: true });
  assert.equal(await stopped, 'clean');
  await assert.rejects(fetch(`${origin}/page`));
});

test('an idle connection does not hold up the stop', async (t) => {
  const { origin, shutdown } = await openSlowDoor(t, 60_000);
  const agent = new Agent({ keepAlive: true });
  const [answer] = (await once(get(`${origin}/page`, { agent }), 'response')) as [IncomingMessage];
  await text(answer);
  assert.equal(await shutdown.stop(), 'clean');
});

test('while notice is given, new requests are still answered and their connections close', async (t) => {
  const { origin, shutdown } = await openSlowDoor(t, 5_000, 1_500);
  const stopped = shutdown.stop();
  const answer = await fetch(`${origin}/page`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('connection'), 'close');
  assert.equal(await stopped, 'clean');
});

test('what is not answered at the deadline is cut off', async (t) => {
  const { origin, shutdown, arrived, release } = await openSlowDoor(t, 50);
  const pending = assert.rejects(fetch(`${origin}/slow`));
  await arrived;
  assert.equal(await shutdown.stop(), 'cut');
  await pending;
  release();
});
