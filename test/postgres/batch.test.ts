import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createBatch } from '../../src/postgres/batch.ts';

describe('a batch', () => {
  it('takes what is asked side by side, and then what has come meanwhile', async () => {
    const batches: number[][] = [];
    const gates: (() => void)[] = [];
    const double = createBatch<number, number>(async (items) => {
      batches.push(items);
      await new Promise<void>((resolve) => gates.push(resolve));
      return items.map((item) => item * 2);
    });
    const first = Promise.all([double(1), double(2)]);
    await Promise.resolve();
    const second = Promise.all([double(3), double(4), double(5)]);
    gates.shift()?.();
    assert.deepEqual(await first, [2, 4]);
    while (gates.length === 0) await new Promise(setImmediate);
    gates.shift()?.();
    assert.deepEqual(await second, [6, 8, 10]);
    assert.deepEqual(batches, [
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('fails everybody in it, and nobody in the next', async () => {
    let calls = 0;
    const ask = createBatch<string, string>(async (items) => {
      calls += 1;
      if (calls === 1) throw new Error('away');
      return items;
    });
    const first = await Promise.allSettled([ask('a'), ask('b')]);
    assert.ok(first.every(({ status }) => status === 'rejected'));
    assert.equal(await ask('c'), 'c');
  });

  it('gives everybody their own result, whatever the size of batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(), { maxLength: 50 }),
        fc.integer({ min: 1, max: 7 }),
        async (items, max) => {
          const sizes: number[] = [];
          const ask = createBatch<number, string>(
            async (batch) => {
              sizes.push(batch.length);
              return batch.map(String);
            },
            { max },
          );
          assert.deepEqual(await Promise.all(items.map((item) => ask(item))), items.map(String));
          assert.ok(sizes.every((size) => size <= max));
        },
      ),
    );
  });
});
