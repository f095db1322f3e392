import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { createTurnstile } from '../../src/users/turnstile.ts';

test('no more run at once than may, the others follow in order, and the next is turned away', async () => {
  const turnstile = createTurnstile({ atOnce: 2, waiting: 2 });
  const begun: number[] = [];
  const work = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const done = work.map(({ promise }, index) =>
    turnstile(() => {
      begun.push(index);
      return promise;
    }),
  );
  assert.deepEqual(begun, [0, 1]);
  await assert.rejects(
    turnstile(async () => undefined),
    (error) => error instanceof AppError && error.code === 'too_many_requests',
  );
  work[1]?.resolve();
  await done[1];
  assert.deepEqual(begun, [0, 1, 2]);
  for (const { resolve } of work) resolve();
  await Promise.all(done);
  assert.deepEqual(begun, [0, 1, 2, 3]);
});

test('work that fails leaves its place to the next', async () => {
  const turnstile = createTurnstile({ atOnce: 1, waiting: 1 });
  const failed = turnstile(() => Promise.reject(new Error('no')));
  const next = turnstile(async () => 'yes');
  await assert.rejects(failed, /no/);
  assert.equal(await next, 'yes');
  assert.equal(await turnstile(async () => 'again'), 'again');
});
