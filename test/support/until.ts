import { setTimeout as wait } from 'node:timers/promises';

// Looking without a pause takes the machine away from those who are waited for.
const pauseMs = 20;

/** Looks until there is something, and returns it. Gives up with the test that waits, or when `limit` does. */
export async function until<Found>(
  look: () => Found | undefined | false | Promise<Found | undefined | false>,
  limit?: AbortSignal,
): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await wait(pauseMs, undefined, { signal: limit });
  }
}
