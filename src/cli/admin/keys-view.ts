import { keyPolicy, readyAt, replacedAt, stateOf } from '../../keys/life.ts';
import type { StoredKey } from '../../keys/signing-key.ts';
import { table } from './table.ts';

/** A key with its instants, and without anything that signs. */
export function keyJson(key: StoredKey, now: Date): Record<string, unknown> {
  const state = stateOf(key, now);
  return {
    kid: key.kid,
    alg: key.algorithm,
    state,
    published_at: key.publishedAt.toISOString(),
    signs_from: (
      key.activatedAt ?? (state === 'pending' ? readyAt(key, keyPolicy) : undefined)
    )?.toISOString(),
    retired_at: key.retiredAt?.toISOString(),
    revoked_at: key.revokedAt?.toISOString(),
    needed_until: key.neededUntil.toISOString(),
    sealed_by: key.sealed?.sealedBy,
  };
}

/** Keys for people, a line each. */
export function keyTable(keys: readonly StoredKey[], now: Date): string {
  return table([
    ['KEY', 'ALGORITHM', 'STATE', 'SINCE', 'NEXT'],
    ...keys.map((key) => {
      const [since, next] = course(key, now);
      return [key.kid, key.algorithm, stateOf(key, now), since.toISOString(), next];
    }),
  ]);
}

/** Since when a key is in its state, and what comes. */
function course(key: StoredKey, now: Date): [since: Date, next: string] {
  const { publishedAt, activatedAt = publishedAt, retiredAt = activatedAt, neededUntil } = key;
  switch (stateOf(key, now)) {
    case 'pending':
      return [publishedAt, `signs from ${readyAt(key, keyPolicy).toISOString()}`];
    case 'active':
      return [activatedAt, `is replaced ${replacedAt(activatedAt, keyPolicy).toISOString()}`];
    case 'retiring':
      return [retiredAt, `published until ${neededUntil.toISOString()}`];
    case 'retired':
      return [neededUntil, ''];
    case 'revoked':
      return [key.revokedAt ?? neededUntil, ''];
  }
}
