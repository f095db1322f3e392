import { randomInt } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { preparePrivateFolder } from './private-file.ts';

const patienceMilliseconds = 45_000;
const busy = 5; // SQLITE_BUSY

/**
 * Runs the work while no other process runs any under the same path. The kernel holds the lock, and frees it the moment
 * its holder dies, however it dies: nothing is ever stale. `failure` after 45 s of waiting.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await preparePrivateFolder(path);
  const lock = openLock(path);
  try {
    for (let waited = 0; !isTaken(lock, path); ) {
      if (waited > patienceMilliseconds) {
        throw new AppError(
          'failure',
          `Another postern has been at work for too long; end it, then try again (${path})`,
        );
      }
      const pause = randomInt(15, 60);
      waited += pause;
      await delay(pause);
    }
    await chmod(path, 0o600);
    return await work();
  } finally {
    lock.close();
  }
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** An immediate transaction is SQLite's portable name for one exclusive kernel lock; nothing is ever stored in it. */
function isTaken(lock: DatabaseSync, path: string): boolean {
  try {
    lock.exec('begin immediate');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busy) return false;
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): AppError {
  return new AppError(
    'configuration',
    `${path} cannot serve as a lock: remove it, and see that its folder is yours to write`,
    {
      cause,
    },
  );
}
