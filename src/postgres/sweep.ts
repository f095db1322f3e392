import type { Log } from '../log.ts';

/** One thing that is cleaned up from time to time; safe to run on many servers at once. */
export type SweepTask = { name: string; run(): Promise<unknown> };

/** A sweep that goes on until it is stopped. */
export type Sweep = { stop(): Promise<void> };

/**
 * Runs the tasks one after another, now and then every `everyMs`. A task that fails is logged and tried again the next
 * time; it keeps no other from running.
 */
export function startSweep(tasks: SweepTask[], options: { everyMs: number; log: Log }): Sweep {
  let isStopped = false;
  let running = sweep();
  const timer = setInterval(() => {
    running = running.then(sweep);
  }, options.everyMs);

  async function sweep(): Promise<void> {
    for (const task of tasks) {
      if (isStopped) return;
      try {
        await task.run();
      } catch (error) {
        options.log.warn({ err: error, task: task.name }, 'could not clean up');
      }
    }
  }

  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
