import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import { randomText } from '../secret.ts';
import { type Account, findAccount, giveTo } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';

/** The data of one PostgreSQL, and what works on it. */
export type Cluster = {
  directory: string;
  data: string;
  /** `data` as the server's own process, started in that folder, can name it. */
  dataSeenFromWithin: string;
  password: string;
  account: Account | undefined;
  binaries: Binaries;
};

/** All that PostgreSQL's programs need; ours holds secrets that are none of their business. */
export const environment = { LC_ALL: 'C', TZ: 'UTC' };

/**
 * The cluster in `directory`, made at the first time: `data/` and `password`. The caller has claimed the folder.
 * Throws an AppError `configuration` for data of another major version or another user.
 */
export async function prepareCluster(directory: string, durable: boolean): Promise<Cluster> {
  const data = join(directory, 'data');
  const account = await findAccount(data);
  const binaries = await findBinaries(account);
  await removePartial(directory);
  const major = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  if (major === '') {
    await initialize(directory, binaries, account, durable);
  } else if (major !== binaries.major) {
    throw new AppError(
      'configuration',
      `${directory} holds data of PostgreSQL ${major}, and this is PostgreSQL ${binaries.major}. Move the folder away, or set DATABASE_URL to a server that can read it.`,
    );
  }
  const password = (await readFile(join(directory, 'password'), 'utf8')).trim();
  return {
    directory,
    data,
    dataSeenFromWithin: seenFromWithin(data, account),
    password,
    account,
    binaries,
  };
}

/** The folder gets its name when it is complete, so an interrupted initdb is never taken for data. */
async function initialize(
  directory: string,
  binaries: Binaries,
  account: Account | undefined,
  durable: boolean,
): Promise<void> {
  const partial = await mkdtemp(`${directory}.partial-`);
  const data = join(partial, 'data');
  const password = join(partial, 'password');
  await mkdir(data, { mode: 0o700 });
  await writeFile(password, `${randomText()}\n`, { mode: 0o600 });
  // The folder itself stays ours: what we write into it as root must not be led elsewhere by that account's links.
  if (account) await chmod(partial, 0o711);
  for (const path of [data, password]) await giveTo(account, path);
  const settings = [
    `--pgdata=${seenFromWithin(data, account)}`,
    '--pwfile=../password',
    '--username=postern',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorts by code point on every platform alike, and yet knows the upper and lower case of all letters.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    ...(durable ? [] : ['--no-sync']),
  ];
  await promisify(execFile)(binaries.initdb, settings, { ...account, cwd: data, env: environment }).catch(
    (error: Error & { stderr?: string }) => {
      const reason = error.stderr?.trim() || error.message;
      throw new AppError('database_unavailable', `PostgreSQL could not make its data:\n${reason}`);
    },
  );
  await rename(partial, directory);
}

async function removePartial(directory: string): Promise<void> {
  for (const name of await readdir(dirname(directory))) {
    if (!name.startsWith(`${basename(directory)}.partial-`)) continue;
    // An initdb whose parent was killed may still be writing there.
    await rm(join(dirname(directory), name), {
      recursive: true,
      force: true,
      maxRetries: 20,
      retryDelay: 20,
    });
  }
}

/** Another account cannot walk through a closed folder such as /root, but on Linux it can name where it stands. */
function seenFromWithin(data: string, account: Account | undefined): string {
  return account && process.platform === 'linux' ? '/proc/self/cwd' : data;
}
