/** The only source of wall-clock time, so that tests can pass their own. In SQL, the database's `now()` decides expiry. */
export type Clock = { now(): Date };

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };

/** Seconds since the epoch, rounded down, as OAuth's `iat` and `exp` count them. */
export function epochSeconds(clock: Clock = systemClock): number {
  return Math.floor(clock.now().getTime() / 1000);
}
