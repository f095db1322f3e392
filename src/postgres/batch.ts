import { databaseUnavailable, isDatabaseUnavailable } from '../errors.ts';

/** Joins one item to the next batch and returns its own result. */
export type Batch<Item, Result> = (item: Item) => Promise<Result>;

/**
 * Group commit: while one batch is in flight, what arrives waits and goes together in the next. `run` gets the items
 * in order of arrival and returns their results in the same order; when it throws, every item of that batch fails. When
 * the database is away, so does all that waits behind it, and past `mostWaiting` what comes is refused at once.
 */
export function createBatch<Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  options: { max?: number; mostWaiting?: number } = {},
): Batch<Item, Result> {
  const { max = 200, mostWaiting = 2_000 } = options;
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let running = false;

  async function drain(): Promise<void> {
    // One turn of the microtask queue, so that look-ups started side by side travel together even when idle.
    await undefined;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, max);
      waiting = waiting.slice(max);
      try {
        const results = await run(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
      } catch (error) {
        // Batch after batch would wait for the same time-out, and the last of them for all of these together.
        const failed = isDatabaseUnavailable(error) ? batch.concat(waiting.splice(0)) : batch;
        for (const { reject } of failed) reject(error);
      }
    }
    running = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= mostWaiting) {
        reject(databaseUnavailable(new Error(`${mostWaiting} others wait for the database`)));
        return;
      }
      waiting.push({ item, resolve, reject });
      if (!running) {
        running = true;
        void drain();
      }
    });
}
