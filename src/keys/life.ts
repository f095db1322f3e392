import type { Algorithm } from './algorithm.ts';

/** What has become of a key so far, by the database's clock. */
export type KeyLife = {
  kid: string;
  algorithm: Algorithm;
  publishedAt: Date;
  activatedAt: Date | undefined;
  retiredAt: Date | undefined;
  revokedAt: Date | undefined;
  /** Nothing that it has signed expires later. */
  neededUntil: Date;
};

/**
 * `pending`: published, signs nothing yet · `active`: signs · `retiring`: published for what it has signed · `retired`,
 * `revoked`: not published. A revoked key is gone at once, whatever it has signed.
 */
export type KeyState = 'pending' | 'active' | 'retiring' | 'retired' | 'revoked';

/** How keys follow each other. */
export type KeyPolicy = {
  /** A key is published this long before it signs. */
  publishSeconds: number;
  /** The next key takes over when one has signed for this long. */
  rotateSeconds: number;
};

/** How long anybody may keep the published keys, in seconds. */
export const publishedKeysLifetime = 300;

/** Automatic every 90 days. A minute of publication is for a server that has not heard of the new key yet. */
export const keyPolicy: KeyPolicy = {
  publishSeconds: publishedKeysLifetime + 60,
  rotateSeconds: 90 * 86_400,
};

/** One change of the keys. `activate` retires the key that was active before. */
export type KeyStep = { step: 'add'; algorithm: Algorithm } | { step: 'activate'; kid: string };

/** The state of a key. */
export function stateOf(key: KeyLife, now: Date): KeyState {
  if (key.revokedAt) return 'revoked';
  if (!key.activatedAt) return 'pending';
  if (!key.retiredAt) return 'active';
  return now < key.neededUntil ? 'retiring' : 'retired';
}

/** When a pending key may begin to sign. */
export function readyAt(key: KeyLife, policy: KeyPolicy): Date {
  return after(key.publishedAt, policy.publishSeconds);
}

/** When the successor of a key that signs since `activatedAt` takes over. */
export function replacedAt(activatedAt: Date, policy: KeyPolicy): Date {
  return after(activatedAt, policy.rotateSeconds);
}

/** Whether a key is in the list that everybody can fetch. */
export function isPublished(key: KeyLife, now: Date): boolean {
  return ['pending', 'active', 'retiring'].includes(stateOf(key, now));
}

/**
 * The steps that are due now, so that each of `algorithms` has a key; taken one after another until none is due. A key
 * signs before it has been published long enough only where its algorithm would have none: the first one, and after a
 * revocation.
 */
export function dueSteps(
  keys: readonly KeyLife[],
  algorithms: readonly Algorithm[],
  now: Date,
  policy: KeyPolicy,
): KeyStep[] {
  return algorithms.flatMap((algorithm): KeyStep[] => {
    const { active, pending } = present(keys, algorithm, now);
    if (pending) {
      const isDue = !active || now >= readyAt(pending, policy);
      return isDue ? [{ step: 'activate', kid: pending.kid }] : [];
    }
    const isOld = active?.activatedAt && now >= after(active.activatedAt, leadSeconds(policy));
    return !active || isOld ? [{ step: 'add', algorithm }] : [];
  });
}

/** The steps of a rotation that somebody asks for: the next key is published, or with `isImmediate` signs at once. */
export function rotationSteps(
  keys: readonly KeyLife[],
  algorithm: Algorithm,
  now: Date,
  { isImmediate }: { isImmediate: boolean },
): KeyStep[] {
  const { pending } = present(keys, algorithm, now);
  if (!pending) return [{ step: 'add', algorithm }];
  return isImmediate ? [{ step: 'activate', kid: pending.kid }] : [];
}

/** The active and the pending key of an algorithm; the schema allows no second one of either. */
export function present(
  keys: readonly KeyLife[],
  algorithm: Algorithm,
  now: Date,
): { active: KeyLife | undefined; pending: KeyLife | undefined } {
  const find = (state: KeyState) =>
    keys.find((key) => key.algorithm === algorithm && stateOf(key, now) === state);
  return { active: find('active'), pending: find('pending') };
}

/** The next key is published early enough to take over in time. */
function leadSeconds(policy: KeyPolicy): number {
  return policy.rotateSeconds - policy.publishSeconds;
}

function after(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
