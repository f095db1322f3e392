import { constants } from 'node:fs';
import { lstat, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../errors.ts';

const readableByOthers = 0o077;
const writableByOthers = 0o022;

/**
 * The text of a file that only its owner can read; `undefined` where there is none. Refuses, as `configuration`, a
 * symbolic link, a file of another user, one that others can read, and one in a folder that others can write.
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ELOOP')
      throw refusal(path, 'is a symbolic link, which is not followed', 'put the file itself there');
    throw refusal(path, `cannot be read (${error.code})`, 'make it readable for you');
  });
  if (!file) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw refusal(path, 'is no file', 'name another with POSTERN_CREDENTIALS');
    if (isForeign(found.uid))
      throw refusal(path, 'belongs to another user', 'remove it, or name another with POSTERN_CREDENTIALS');
    if (hasModes() && found.mode & readableByOthers) {
      throw refusal(path, 'can be read by others', `run: chmod 600 ${path}`);
    }
    await demandOwnFolder(path);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Puts the text in place in one step, 0600, in a folder made 0700 where there is none. What `readPrivateFile` refuses is refused. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await preparePrivateFolder(path);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink())
    throw refusal(path, 'is a symbolic link, which is not followed', 'put the file itself there');
  await writeFileAtomic(path, text, { mode: 0o600 }).catch((error) => {
    throw new AppError(
      'failure',
      `${path} cannot be written (${error.code}); free the disk or make the folder writable for you`,
      {
        cause: error,
      },
    );
  });
}

/** Makes the file's folder, 0700, where there is none, and refuses one that others could tamper with. */
export async function preparePrivateFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error) => {
    throw refusal(
      dirname(path),
      `cannot be made (${error.code})`,
      'name another place with POSTERN_CREDENTIALS',
    );
  });
  await demandOwnFolder(path);
}

async function demandOwnFolder(path: string): Promise<void> {
  const folder = dirname(path);
  const found = await stat(folder);
  const isOfRoot = found.uid === 0;
  if (!isOfRoot && isForeign(found.uid))
    throw refusal(folder, 'belongs to another user', 'name another place with POSTERN_CREDENTIALS');
  if (hasModes() && found.mode & writableByOthers) {
    throw refusal(
      folder,
      'can be written by others, who could swap your sign-in for theirs',
      `run: chmod go-w ${folder}`,
    );
  }
}

function isForeign(uid: number): boolean {
  return hasModes() && uid !== process.getuid?.();
}

/** Windows keeps a profile private by access lists and reports neither owners nor modes. */
function hasModes(): boolean {
  return process.getuid !== undefined;
}

function refusal(path: string, fault: string, remedy: string): AppError {
  return new AppError('configuration', `${path} ${fault}: ${remedy}`);
}
