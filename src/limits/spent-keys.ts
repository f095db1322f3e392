/** Keys that one process knows to be over their limit. */
export type SpentKeys = {
  /** Whether no key at all is over its limit, as far as is known without looking at the clock. */
  isEmpty(): boolean;
  add(key: string, milliseconds: number): void;
  /** Milliseconds until the key may be tried again, 0 if it may now. */
  remaining(key: string): number;
};

/** Remembers at most `most` keys, and forgets the oldest first. */
export function createSpentKeys(most = 10_000): SpentKeys {
  const ends = new Map<string, number>();
  return {
    isEmpty: () => ends.size === 0,
    add(key, milliseconds) {
      ends.delete(key);
      ends.set(key, performance.now() + milliseconds);
      const [oldest] = ends.keys();
      if (ends.size > most && oldest !== undefined) ends.delete(oldest);
    },
    remaining(key) {
      const left = (ends.get(key) ?? 0) - performance.now();
      if (left <= 0) ends.delete(key);
      return Math.max(left, 0);
    },
  };
}
