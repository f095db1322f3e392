import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { AppError } from '../errors.ts';
import type { Database } from '../postgres/pool.ts';
import { type Algorithm, algorithms, signBytes } from './algorithm.ts';
import { createCover } from './cover.ts';
import { createKeySeal } from './key-seal.ts';
import { isPublished, type KeyState, stateOf } from './life.ts';
import { advanceKeys, type KeyChange } from './rotation.ts';
import { extendNeed, listStoredKeys, type StoredKey, type StoredKeys } from './signing-key.ts';

/** A published key. */
export type SigningKey = {
  kid: string;
  algorithm: Algorithm;
  state: Extract<KeyState, 'active' | 'pending' | 'retiring'>;
  /** As it is published: with `kid`, `alg` and `use`. */
  publicJwk: JWK;
  publicKey: KeyObject;
  /**
   * Signs a JWS signing input (RFC 7515 section 5.1), and sees to it that the key stays published until its `exp`; waits
   * for the database only where that is later than anything signed before. Throws unless the key is active.
   */
  sign(input: Uint8Array): Buffer | Promise<Buffer>;
};

/** The published keys, as this process knows them. */
export type KeyRing = {
  /** Active ones first, in the order of the algorithms, then pending, then retiring ones. */
  keys(): readonly SigningKey[];
  /** What is published (RFC 7517); the same object until a key has come, gone, or changed its state. */
  publicKeys(): { keys: JWK[] };
  /** The key that signs with an algorithm; `undefined` where no resource had asked for it when this was last read. */
  active(algorithm: Algorithm): SigningKey | undefined;
  /**
   * Reads again, and takes the steps that are due for all servers. Listeners hear of it only where a key has come, gone,
   * or changed its state.
   */
  refresh(): Promise<void>;
  /** Whether the last reading made sense: the active keys could be opened. */
  isSound(): boolean;
  onChange(listener: () => void): void;
};

const order = ['active', 'pending', 'retiring'];

/**
 * The ring of this process; makes the first key where there is none. Servers that start together agree on one. A master
 * secret that does not open the active keys is an AppError `configuration`.
 */
export async function loadKeyRing(db: Database, change: KeyChange): Promise<KeyRing> {
  const seal = createKeySeal(change.secrets);
  const cover = createCover((kid, end) => extendNeed(db, kid, end));
  const listeners: (() => void)[] = [];
  let known: readonly SigningKey[] = [];
  let publicKeys: { keys: JWK[] } = { keys: [] };
  let isSound = false;
  let reading: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;

  async function read(): Promise<void> {
    const stored = await listStoredKeys(db);
    adopt(stored);
    if (await advanceKeys(db, stored, change)) adopt(await listStoredKeys(db));
  }

  function adopt({ keys, now }: StoredKeys): void {
    for (const { kid, neededUntil } of keys) cover.learn(kid, neededUntil.getTime() / 1000);
    const published = keys
      .filter((key) => isPublished(key, now))
      .map((key) => ({ key, state: stateOf(key, now) })) as { key: StoredKey; state: SigningKey['state'] }[];
    if (isSound && describe(known) === describe(published.map(({ key, state }) => ({ ...key, state }))))
      return;
    // What cannot be opened is not taken over: the keys before go on, and the server says that it is not ready.
    isSound = false;
    known = published
      .map(({ key, state }) => toSigningKey(key, state))
      .sort((left, right) => rank(left) - rank(right));
    publicKeys = { keys: known.map(({ publicJwk }) => publicJwk) };
    for (const listener of listeners) listener();
    isSound = true;
  }

  function toSigningKey(stored: StoredKey, state: SigningKey['state']): SigningKey {
    const { kid, algorithm, publicJwk, sealed } = stored;
    const privateKey = state === 'active' && sealed ? seal.open(sealed) : undefined;
    return {
      kid,
      algorithm,
      state,
      publicJwk,
      publicKey: createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' }),
      sign(input) {
        if (!privateKey) throw new AppError('internal', `The signing key ${kid} is ${state}`);
        const covering = cover.reach(kid, input);
        if (covering) return covering.then(() => signBytes(algorithm, privateKey, input));
        return signBytes(algorithm, privateKey, input);
      },
    };
  }

  function refresh(): Promise<void> {
    // One after another: an older reading must not replace a newer one. All who wait for the next share it.
    if (!waiting) {
      waiting = reading
        .catch(() => undefined)
        .then(() => {
          waiting = undefined;
          return read();
        });
      reading = waiting;
    }
    return waiting;
  }

  await refresh();
  return {
    keys: () => known,
    publicKeys: () => publicKeys,
    active: (algorithm) => known.find((key) => key.algorithm === algorithm && key.state === 'active'),
    refresh,
    isSound: () => isSound && known.some(({ state }) => state === 'active'),
    onChange: (listener) => listeners.push(listener),
  };
}

/** Active before pending before retiring ones, and within each as the algorithms are listed. */
function rank({ state, algorithm }: SigningKey): number {
  return order.indexOf(state) * algorithms.length + algorithms.indexOf(algorithm);
}

function describe(keys: readonly { kid: string; state: string }[]): string {
  return keys
    .map(({ kid, state }) => `${kid} ${state}`)
    .sort()
    .join();
}
