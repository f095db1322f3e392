import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { databaseUnavailable } from '../../src/errors.ts';
import { createBatch } from '../../src/postgres/batch.ts';

/** A batch whose runs wait until the test ends them. */
function createSlowBatch(options: { max?: number; mostWaiting?: number } = {}) {
  const runs: { items: number[]; end: (error?: unknown) => void }[] = [];
  const join = createBatch<number, number>((items) => {
    const { promise, resolve, reject } = Promise.withResolvers<number[]>();
    const end = (error?: unknown) => (error ? reject(error) : resolve(items.map((item) => item * 10)));
    runs.push({ items, end });
    return promise;
  }, options);
  return { join, runs };
}

const turn = () => new Promise(setImmediate);

describe('a batch', () => {
  it('takes along what arrives together, and what arrives meanwhile goes next, each with its own result', async () => {
    const { join, runs } = createSlowBatch();
    const first = [join(1), join(2)];
    await turn();
    const second = [join(3), join(4)];
    assert.deepEqual(runs[0]?.items, [1, 2]);
    assert.equal(runs.length, 1);
    runs[0]?.end();
    assert.deepEqual(await Promise.all(first), [10, 20]);
    await turn();
    assert.deepEqual(runs[1]?.items, [3, 4]);
    runs[1]?.end();
    assert.deepEqual(await Promise.all(second), [30, 40]);
  });

  it('fails alone when it fails', async () => {
    const { join, runs } = createSlowBatch();
    const first = assert.rejects(join(1), /bad/);
    await turn();
    const second = join(2);
    runs[0]?.end(new Error('bad'));
    await first;
    await turn();
    runs[1]?.end();
    assert.equal(await second, 20);
  });

  it('takes all who wait along when the database is away, and the next starts anew', async () => {
    const { join, runs } = createSlowBatch({ max: 1 });
    const away = { code: 'database_unavailable' };
    const failed = [join(1), join(2), join(3)].map((each) => assert.rejects(each, away));
    await turn();
    runs[0]?.end(databaseUnavailable(new Error('away')));
    await Promise.all(failed);
    const next = join(4);
    await turn();
    runs[1]?.end();
    assert.equal(await next, 40);
  });

  it('refuses whom it could not serve in time', async () => {
    const { join, runs } = createSlowBatch({ mostWaiting: 2 });
    const first = join(1);
    await turn();
    const waiting = [join(2), join(3)];
    await assert.rejects(join(4), { code: 'database_unavailable', status: 503 });
    runs[0]?.end();
    await turn();
    runs[1]?.end();
    assert.deepEqual(await Promise.all([first, ...waiting]), [10, 20, 30]);
  });
});
