import assert from 'node:assert/strict';
import type { Answer } from './client.ts';

// From then on the winner is answered the same again: a busy machine comes to it.
const againMs = 5_000;

/** Asks as many times, each so many milliseconds after the time before, whether that was answered or not. */
export async function spread(count: number, gapMs: number, ask: () => Promise<Answer>): Promise<Answer[]> {
  const asked: Promise<Answer>[] = [];
  await new Promise<void>((resolve) => {
    const again = () => {
      asked.push(ask());
      if (asked.length === count) resolve();
      else setTimeout(again, gapMs);
    };
    again();
  });
  return await Promise.all(asked);
}

/** Polls twenty times, asserts that one poll has redeemed the code and the others got nothing, and tells its tokens. */
export async function redeemOnce(gapMs: number, poll: () => Promise<Answer>): Promise<Answer['body']> {
  const begun = performance.now();
  const answers = await spread(20, gapMs, poll);
  const isSlow = performance.now() - begun >= againMs;
  const won = answers.filter(({ status }) => status === 200);
  assert.ok(won.length === 1 || (isSlow && won.length > 1), `${won.length} polls have won`);
  for (const { body } of won) assert.deepEqual(body, won[0]?.body);
  for (const { status, body } of answers.filter((answer) => !won.includes(answer))) {
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  }
  return won[0]?.body;
}
