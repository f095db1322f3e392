import { execFile } from 'node:child_process';
import { readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** What a running PostgreSQL writes into its data folder. */
export type Postmaster = { pid: number; port: number; isReady: boolean };

/** Reads `postmaster.pid`; `undefined` when there is none. Its process need not live any more. */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, port: Number(lines[3]), isReady: lines[7] === 'ready' } : undefined;
}

/**
 * Ends the PostgreSQL that an earlier process has left running on this data folder, and returns its process number.
 * A `postmaster.pid` whose number now belongs to another program is removed, for PostgreSQL would stop at it.
 */
export async function stopOrphan(data: string): Promise<number | undefined> {
  const orphan = await findPostmaster(data);
  if (!orphan || !isRunning(orphan.pid)) return undefined;
  if (!(await worksOn(orphan.pid, data))) {
    await rm(join(data, 'postmaster.pid'), { force: true });
    return undefined;
  }
  await endPostmaster(orphan.pid, data);
  return orphan.pid;
}

/** PostgreSQL's fast shutdown; where that takes over 10 s the immediate one, and 5 s later SIGKILL. */
export async function endPostmaster(pid: number, data: string): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGINT', 10],
    ['SIGQUIT', 5],
    ['SIGKILL', 5],
  ] as const) {
    if (!send(pid, signal)) return;
    const limit = AbortSignal.timeout(seconds * 1000);
    while (!limit.aborted) {
      if (!(await worksOn(pid, data))) return;
      await wait(10);
    }
  }
}

/** Whether the number belongs to a process, be it a stranger's. */
export function isRunning(pid: number): boolean {
  return send(pid, 0);
}

/** `false` for a process that has ended, even one whose parent has not taken notice: a number alone would not tell. */
async function worksOn(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'linux') {
    return (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) === data;
  }
  const { stdout } = await promisify(execFile)('/bin/ps', ['-o', 'command=', '-p', String(pid)]).catch(
    () => ({ stdout: '' }),
  );
  return stdout.includes(data);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
