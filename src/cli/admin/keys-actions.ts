import { AppError } from '../../errors.ts';
import { type Algorithm, algorithms } from '../../keys/algorithm.ts';
import { isPublished, publishedKeysLifetime, stateOf } from '../../keys/life.ts';
import { revokeKey, rotateKeys } from '../../keys/rotation.ts';
import { listStoredKeys, type StoredKey } from '../../keys/signing-key.ts';
import { loadMasterSecrets } from '../../master-secret.ts';
import type { Database } from '../../postgres/pool.ts';
import type { Io } from '../io.ts';
import { confirm } from './confirmation.ts';
import { withDatabase } from './database.ts';
import { keyJson, keyTable } from './keys-view.ts';
import { openOperatorLog } from './operator.ts';

/** `postern keys list`. */
export async function list(io: Io, options: { json?: boolean }): Promise<void> {
  const { keys, now } = await withDatabase(io, listStoredKeys);
  if (options.json) io.json(keys.map((key) => keyJson(key, now)));
  else if (keys.length > 0) io.data(keyTable(keys, now));
  else io.say('There are no keys yet; the first server to start makes one.');
}

/** `postern keys rotate`. */
export async function rotate(
  io: Io,
  options: { algorithm?: string; now?: boolean; json?: boolean },
): Promise<void> {
  const algorithm = readAlgorithm(options.algorithm);
  const isImmediate = options.now === true;
  await withDatabase(io, async (db, config) => {
    const secrets = await loadMasterSecrets(config);
    const record = await openOperatorLog(io, db, config);
    const isRotated = await db.transaction(async (tx) => {
      if (!(await rotateKeys(tx, { secrets, isImmediate, ...(algorithm && { algorithm }) }))) return false;
      await record(tx, { action: 'key.rotated', details: { ...(algorithm && { algorithm }) } });
      return true;
    });
    if (!isRotated) throw new AppError('conflict', `There is no resource whose JWTs ${algorithm} signs`);
    await tellPublished(io, db, options);
  });
  io.say(
    isImmediate
      ? 'The new key signs from now on. What the one before it has signed stays valid.'
      : 'A pending key signs by itself when its time has come; until then the active one does.',
  );
}

/** `postern keys revoke`. */
export async function revoke(io: Io, kid: string, options: { yes?: boolean; json?: boolean }): Promise<void> {
  await withDatabase(io, async (db, config) => {
    const secrets = await loadMasterSecrets(config);
    const { keys, now } = await listStoredKeys(db);
    const key = keys.find((each) => each.kid === kid);
    if (!key) throw new AppError('not_found', `There is no key ${kid}`);
    if (key.revokedAt) throw new AppError('conflict', `${kid} was revoked at ${key.revokedAt.toISOString()}`);
    await confirm(io, { question: consequences(key, now), word: 'revoke', isAgreed: options.yes });
    const record = await openOperatorLog(io, db, config);
    await db.transaction(async (tx) => {
      if (!(await revokeKey(tx, kid, { secrets })))
        throw new AppError('conflict', `${kid} was revoked meanwhile`);
      const target = { kind: 'signing_key' as const, id: kid };
      await record(tx, { action: 'key.revoked', target, details: { algorithm: key.algorithm } });
    });
    await tellPublished(io, db, options);
  });
  io.say(`Revoked ${kid}.`);
}

/** What a revocation breaks. */
function consequences(key: StoredKey, now: Date): string {
  const state = stateOf(key, now);
  const ends = `This ends the key ${key.kid} at once, for good.`;
  if (state === 'pending') return `${ends} It has signed nothing yet.`;
  if (state === 'retired') return `${ends} All that it has signed is over already.`;
  const hasSigned = key.neededUntil > key.publishedAt;
  const tokens = !hasSigned
    ? 'It has signed no JWT yet.'
    : `Every JWT that it has signed, some until ${key.neededUntil.toISOString()}, is refused wherever the keys are fetched again, everywhere within ${publishedKeysLifetime} seconds; opaque tokens go on.`;
  if (state === 'retiring') return `${ends} ${tokens}`;
  return `${ends} ${tokens} Its successor signs at once, and who keeps the list of keys may refuse its tokens for as long.`;
}

async function tellPublished(io: Io, db: Database, options: { json?: boolean }): Promise<void> {
  const { keys, now } = await listStoredKeys(db);
  const published = keys.filter((key) => isPublished(key, now));
  if (options.json) io.json(published.map((key) => keyJson(key, now)));
  else io.data(keyTable(published, now));
}

function readAlgorithm(text: string | undefined): Algorithm | undefined {
  const algorithm = algorithms.find((each) => each === text);
  if (text !== undefined && !algorithm)
    throw new AppError('usage', `--algorithm: write one of ${algorithms.join(', ')}`);
  return algorithm;
}
