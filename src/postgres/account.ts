import { chown, readFile, stat } from 'node:fs/promises';
import { AppError } from '../errors.ts';

/** Who runs PostgreSQL, in the words of `child_process`. */
export type Account = { uid: number; gid: number };

const isRoot = process.getuid?.() === 0;

/**
 * PostgreSQL refuses to run as root. For root this is the owner of the data, or else the system's `postgres` or
 * `nobody`; for an ordinary user it is `undefined`: nobody but that user can do it, which is checked.
 */
export async function findAccount(data: string): Promise<Account | undefined> {
  const owner = await stat(data).catch(() => undefined);
  if (!isRoot) {
    if (owner && owner.uid !== process.getuid?.()) {
      throw new AppError('configuration', `${data} belongs to another user (${owner.uid}).`);
    }
    return undefined;
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => accounts.filter(([account]) => account === name))[0];
  if (!found) {
    throw new AppError(
      'configuration',
      'PostgreSQL cannot run as root, and this machine has neither a user postgres nor nobody. Start Postern as another user, or set DATABASE_URL.',
    );
  }
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** Gives a path, not what is below it, to the account. */
export async function giveTo(account: Account | undefined, path: string): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}
