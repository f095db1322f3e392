import { mkdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { sha256 } from '../secret.ts';

/** A folder that no other process can claim until `release` is called or this process ends, however it ends. */
export type Claim = { readonly path: string; release(): Promise<void> };

/**
 * Claims a folder (which need not exist, its parent is made) for this process, or throws an AppError `conflict` that
 * names the process that has it. A listening socket is the claim: unlike a file, the kernel takes it back after a crash.
 */
export async function claimDirectory(directory: string): Promise<Claim> {
  await mkdir(dirname(directory), { recursive: true });
  const path = await realpath(directory).catch(async () =>
    join(await realpath(dirname(directory)), basename(directory)),
  );
  const name = `postern-${sha256(path).toString('hex').slice(0, 32)}`;
  // Linux has names that no file system holds, so nothing stale can be left behind.
  const address = process.platform === 'linux' ? `\0${name}` : `/tmp/${name}.sock`;
  const server = (await listen(address)) ?? (await takeOver(address));
  if (!server) {
    const holder = await askHolder(address);
    throw new AppError(
      'conflict',
      `Another Postern (process ${holder}) is using ${path}. Stop it first, or set DATABASE_URL.`,
    );
  }
  return { path, release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** `undefined` when the address is taken. */
function listen(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(String(process.pid)));
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}

/** A socket file outlives its process: where nobody answers, it is replaced. */
async function takeOver(address: string): Promise<Server | undefined> {
  if (address.startsWith('\0') || (await askHolder(address)) !== 'unknown') return undefined;
  await rm(address, { force: true });
  return listen(address);
}

function askHolder(address: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(address);
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined).on('close', () => resolve(answer || 'unknown'));
  });
}
