import { AppError } from '../errors.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { MasterSecrets } from '../secret.ts';
import type { Algorithm } from './algorithm.ts';
import { createKeySeal, type KeySeal } from './key-seal.ts';
import { dueSteps, type KeyPolicy, type KeyStep, keyPolicy, rotationSteps } from './life.ts';
import {
  activateSigningKey,
  addSigningKey,
  announceKeys,
  listStoredKeys,
  revokeSigningKey,
  type StoredKey,
  type StoredKeys,
  storeSealedKey,
} from './signing-key.ts';

/** What changes keys. `tell` hears of what happens by itself, at the end of the transaction. */
export type KeyChange = {
  secrets: MasterSecrets;
  policy?: KeyPolicy;
  tell?: (tx: Database, steps: readonly TakenStep[]) => Promise<void>;
};

/** A key that was published, or that signs from now on. */
export type TakenStep = { step: KeyStep['step']; kid: string; algorithm: Algorithm };

type Plan = (stored: StoredKeys) => KeyStep[];

/**
 * Takes the steps that are due, on whichever server gets the lock first; the others find nothing left to do. True where
 * there was any.
 */
export async function advanceKeys(db: Database, stored: StoredKeys, change: KeyChange): Promise<boolean> {
  if (planOf(change)(stored).length === 0) return false;
  await underLock(
    db,
    (tx) => takeDueSteps(tx, change),
    async (tx, steps) => {
      if (steps.length > 0) await change.tell?.(tx, steps);
    },
  );
  return true;
}

/**
 * Publishes the next key of an algorithm (of each that is in use, where none is named), which signs when everybody had
 * the time to learn of it; `isImmediate` does not wait for that. False where the algorithm is not in use.
 */
export async function rotateKeys(
  db: Database,
  { algorithm, isImmediate, ...change }: KeyChange & { algorithm?: Algorithm; isImmediate: boolean },
): Promise<boolean> {
  return await underLock(db, async (tx) => {
    const { algorithms } = await listStoredKeys(tx);
    if (algorithm && !algorithms.includes(algorithm)) return false;
    for (const each of algorithm ? [algorithm] : algorithms) {
      for (const hurry of isImmediate ? [false, true] : [false]) {
        await takeSteps(tx, change, ({ keys, now }) =>
          rotationSteps(keys, each, now, { isImmediate: hurry }),
        );
      }
    }
    await takeDueSteps(tx, change);
    return true;
  });
}

/** Ends a key at once; where it was active, its successor signs at once. False where there is no such key to end. */
export async function revokeKey(db: Database, kid: string, change: KeyChange): Promise<boolean> {
  return await underLock(db, async (tx) => {
    assertOpens(createKeySeal(change.secrets), (await listStoredKeys(tx)).keys);
    const isRevoked = await revokeSigningKey(tx, kid);
    if (isRevoked) await takeDueSteps(tx, change);
    return isRevoked;
  });
}

/** Seals what an earlier master secret sealed under the present one, and tells how many keys that were. */
export async function resealKeys(db: Database, secrets: MasterSecrets): Promise<number> {
  const seal = createKeySeal(secrets);
  return await underLock(db, async (tx) => {
    const { keys } = await listStoredKeys(tx);
    const old = keys.flatMap(({ sealed }) => (sealed && sealed.sealedBy !== seal.name ? [sealed] : []));
    for (const key of old) {
      await storeSealedKey(tx, seal.seal(key.kid, seal.open(key).export({ format: 'jwk' })));
    }
    return old.length;
  });
}

/** The keys change in one transaction at a time; every server hears of it when it is committed. */
async function underLock<Result>(
  db: Database,
  work: (tx: Database) => Promise<Result>,
  finish: (tx: Database, result: Result) => Promise<void> = async () => {},
): Promise<Result> {
  return await db.transaction(async (tx) => {
    await tx.query(sql`select pg_advisory_xact_lock(hashtextextended('signing keys', 0))`);
    const result = await work(tx);
    await announceKeys(tx);
    await finish(tx, result);
    return result;
  });
}

function planOf({ policy = keyPolicy }: KeyChange): Plan {
  return ({ keys, algorithms, now }) => dueSteps(keys, algorithms, now, policy);
}

async function takeDueSteps(tx: Database, change: KeyChange): Promise<TakenStep[]> {
  const all: TakenStep[] = [];
  // A key is added, then activated: more steps than that would be a mistake of ours.
  for (let round = 0; ; round += 1) {
    const taken = await takeSteps(tx, change, planOf(change));
    if (taken.length === 0) return all;
    if (round > 3) throw new AppError('internal', 'The signing keys do not settle');
    all.push(...taken);
  }
}

/** Empty when there was nothing to do. */
async function takeSteps(tx: Database, change: KeyChange, plan: Plan): Promise<TakenStep[]> {
  const stored = await listStoredKeys(tx);
  const taken: TakenStep[] = [];
  for (const step of plan(stored)) taken.push(await takeStep(tx, change, stored.keys, step));
  return taken;
}

async function takeStep(
  tx: Database,
  { secrets, policy = keyPolicy }: KeyChange,
  keys: StoredKey[],
  step: KeyStep,
): Promise<TakenStep> {
  const seal = createKeySeal(secrets);
  assertOpens(seal, keys);
  if (step.step === 'add') {
    const { algorithm } = step;
    return { step: 'add', kid: await addSigningKey(tx, seal, algorithm), algorithm };
  }
  await activateSigningKey(tx, step.kid, policy.publishSeconds);
  const { algorithm } = keys.find(({ kid }) => kid === step.kid) as StoredKey;
  return { step: 'activate', kid: step.kid, algorithm };
}

/** Whoever does not have the master secret of the other servers must not give them a key that they cannot open. */
function assertOpens(seal: KeySeal, keys: StoredKey[]): void {
  for (const { sealed } of keys) if (sealed) seal.open(sealed);
}
