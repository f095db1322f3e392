import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import { claimDirectory } from './claim.ts';
import { type Cluster, environment, prepareCluster } from './cluster.ts';
import { endPostmaster, findPostmaster, stopOrphan } from './postmaster.ts';

/** A running PostgreSQL of our own. */
export type EmbeddedPostgres = {
  /** With its password; reaches it from this machine only. */
  readonly url: string;
  /** Ends it in order, by force after 10 s. Calling it again waits for the same end. */
  stop(): Promise<void>;
};

type Options = {
  /** Made at the first start: `data/`, `password` and `server.log`. */
  directory: string;
  log: Log;
  /** `false` is fast, and what was written last is lost when the machine fails. */
  durable?: boolean;
  maxConnections?: number;
  /** A free one unless told. */
  port?: number;
};

/**
 * Starts PostgreSQL on the data in a folder and puts right what a crash has left behind. Throws an AppError `conflict`
 * when another process uses the folder, else `configuration` or `database_unavailable` with the server's last words.
 */
export async function startEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  const { log, durable = true, maxConnections = 100 } = options;
  const claim = await claimDirectory(options.directory);
  try {
    const cluster = await prepareCluster(claim.path, durable);
    const orphan = await stopOrphan(cluster.data);
    if (orphan) log.warn({ pid: orphan }, 'stopped the PostgreSQL that an earlier process had left running');
    const { port, server } = await start(cluster, { durable, maxConnections, port: options.port });
    const stop = supervise(server, cluster, log);
    let end: Promise<void> | undefined;
    return {
      url: `postgresql://postern:${cluster.password}@127.0.0.1:${port}/postgres`,
      stop: () => {
        end ??= stop().finally(() => claim.release());
        return end;
      },
    };
  } catch (error) {
    await claim.release();
    if (error instanceof AppError) throw error;
    const reason = (error as Error).message;
    throw new AppError('configuration', `The data in ${claim.path} cannot be used: ${reason}`, {
      cause: error,
    });
  }
}

/** For data that nobody will miss, or have for long. */
const throwaway = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' };

async function start(
  cluster: Cluster,
  options: { durable: boolean; maxConnections: number; port: number | undefined },
  attempts = 10,
): Promise<{ port: number; server: ChildProcess }> {
  const port = options.port ?? (await findFreePort());
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: options.maxConnections,
    log_checkpoints: 'off',
    ...(options.durable ? {} : throwaway),
  };
  const server = await launch(cluster, Object.entries(settings));
  if (await isReady(server, cluster.data)) return { port, server };
  const lastWords = await readLastWords(cluster);
  if (server.pid) await endPostmaster(server.pid, cluster.data);
  // Another program took the port between our finding it and taking it, or the last of a killed server's processes
  // is still busy with a query.
  if (attempts > 1 && /could not bind|pre-existing shared memory block/.test(lastWords)) {
    await wait(200);
    return start(cluster, options, attempts - 1);
  }
  throw new AppError('database_unavailable', `PostgreSQL did not start:\n${lastWords}`);
}

/** The log is a file, so that a server which outlives us can still write. */
async function launch(cluster: Cluster, settings: [string, string | number][]): Promise<ChildProcess> {
  const output = await open(join(cluster.directory, 'server.log'), 'w', 0o600);
  const server = spawn(
    cluster.binaries.postgres,
    ['-D', cluster.dataSeenFromWithin, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...cluster.account,
      cwd: cluster.data,
      env: environment,
      stdio: ['ignore', output.fd, output.fd],
      // A session of its own: Ctrl-C in a terminal must not reach it before our last request is answered.
      detached: true,
    },
  );
  server.unref();
  server.on('error', () => undefined);
  await output.close();
  return server;
}

/** `false` when it ends instead. After a crash, PostgreSQL first replays its journal: a minute is given. */
async function isReady(server: ChildProcess, data: string): Promise<boolean> {
  const limit = AbortSignal.timeout(60_000);
  while (server.pid && !hasEnded(server) && !limit.aborted) {
    const postmaster = await findPostmaster(data);
    if (postmaster?.pid === server.pid && postmaster.isReady) return true;
    await wait(10);
  }
  return false;
}

/** Says when it ends unasked, and takes it along when this process ends without `stop`. */
function supervise(server: ChildProcess, cluster: Cluster, log: Log): () => Promise<void> {
  const endWithUs = () => server.kill('SIGINT');
  process.once('exit', endWithUs);
  let isStopping = false;
  server.once('exit', async (exitCode, signal) => {
    process.off('exit', endWithUs);
    if (isStopping) return;
    log.error({ exitCode, signal, lastWords: await readLastWords(cluster) }, 'PostgreSQL ended unasked');
  });
  return async () => {
    isStopping = true;
    if (hasEnded(server) || !server.pid) return;
    const ended = once(server, 'exit');
    // It did not keep this process alive; the wait for its end must.
    server.ref();
    await endPostmaster(server.pid, cluster.data);
    await ended;
  };
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}

async function readLastWords(cluster: Cluster): Promise<string> {
  const text = await readFile(join(cluster.directory, 'server.log'), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-20).join('\n');
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
