import type { Log } from '../log.ts';

/** Remembers the latest value of each key and writes all of them down now and then, never while somebody waits. */
export type WriteBehind<Value> = {
  record(key: string, value: Value): void;
  /** Writes what is remembered; called every few seconds and at the stop. What a crash loses was only this. */
  flush(): Promise<void>;
};

// A flood of keys must not fill the memory; what is beyond is remembered the next time.
const mostRemembered = 10_000;

/**
 * One for one process: `write` gets each key once, and must leave what another process has written later. What it could
 * not write is written at the next flush.
 */
export function createWriteBehind<Value>(options: {
  /** For the log: what it is that is used. */
  what: string;
  log: Log;
  write(latest: [key: string, value: Value][]): Promise<void>;
}): WriteBehind<Value> {
  const { what, log, write } = options;
  let remembered = new Map<string, Value>();
  return {
    record(key, value) {
      if (remembered.size < mostRemembered || remembered.has(key)) remembered.set(key, value);
    },
    async flush() {
      if (remembered.size === 0) return;
      const written = [...remembered];
      remembered = new Map();
      try {
        await write(written);
      } catch (error) {
        log.debug({ err: error }, `could not write down when ${what} were used`);
        for (const [key, value] of written) if (!remembered.has(key)) remembered.set(key, value);
      }
    },
  };
}
