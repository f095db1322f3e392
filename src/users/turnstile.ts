import { tooManyRequests } from '../errors.ts';

/** Runs a piece of work when its turn comes. */
export type Turnstile = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Lets `atOnce` pieces of work run, `waiting` more wait in order, and turns the next away with AppError
 * `too_many_requests`: a flood then costs a bounded amount of memory and processor.
 */
export function createTurnstile({ atOnce, waiting }: { atOnce: number; waiting: number }): Turnstile {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw tooManyRequests(2);
      // Whoever leaves hands over the place itself, so that nobody who comes later can slip in between.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
