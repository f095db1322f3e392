import type { Operation } from './operation.ts';

/** A refresh or a redemption: it presents a token or code that counts once. */
export type Presentation = Operation & { kind: 'redeem' | 'refresh' };

/** How long the same answer is given again. */
export const graceMs = 30_000;

/** A device that polls again sooner is taken for a second one. */
const intervalMs = 5_000;

/** What the clocks of the test and of the database may differ by, over a minute. */
export const slackMs = 1_000;

/** When something was consumed: between these, if at all before `earliest` is infinite. */
type Consumption = { earliest: number; latest: number };

/** What may have consumed what `one` presents, besides itself. */
function consumptionBefore(one: Presentation, all: readonly Presentation[]): Consumption {
  const others = all.filter((other) => other !== one && other.outcome !== 'refused' && other.begin < one.end);
  const known = others.filter(({ outcome }) => outcome === 'done');
  return {
    earliest: Math.min(...others.map(({ begin }) => begin)),
    latest: Math.min(...known.map(({ end }) => end)),
  };
}

/** Whether this may have been a use of something consumed too long ago: the grace may have been over. */
export function mayBeReuse(one: Presentation, all: readonly Presentation[]): boolean {
  return one.end - consumptionBefore(one, all).earliest > graceMs - slackMs;
}

/** Whether it was that for certain. */
export function isReuse(one: Presentation, all: readonly Presentation[]): boolean {
  return one.begin - consumptionBefore(one, all).latest > graceMs + slackMs;
}

/** Whether a device code was refused because it had just been redeemed by another poll. */
export function mayBeTooSoon(one: Presentation, all: readonly Presentation[]): boolean {
  const { earliest, latest } = consumptionBefore(one, all);
  return one.kind === 'redeem' && earliest < one.end && one.begin - latest < intervalMs + slackMs;
}

/** What a token or code that counts once is called in an operation. */
export function presentedIn(one: Presentation): string {
  return one.kind === 'redeem' ? one.code : one.token;
}
