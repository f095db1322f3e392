import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/postgres/embedded.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { findPostmaster } from '../../src/postgres/postmaster.ts';
import { findFreePort } from '../support/port.ts';
import { type Process, serve } from '../support/process.ts';
import { captureLog, testSecret } from '../support/server.ts';

/** Server processes in production mode that share a durable PostgreSQL, and accidents that can happen to them. */
export type Cluster = {
  db: Pool;
  issuer: string;
  /** Where the servers listen, whether they run now or not. */
  addresses: readonly string[];
  /** Kills a server process and starts it again. */
  killServer(index: number): Promise<void>;
  /** Stops PostgreSQL in order and starts it again. */
  restartDatabase(): Promise<void>;
  /** Ends PostgreSQL as an accident would, without a checkpoint, and starts it again on what is left. */
  crashDatabase(): Promise<void>;
  /** The line that a server, alive or not, has logged of a failure behind a request. */
  findFailure(requestId: string): string | undefined;
  stop(): Promise<void>;
};

/** Starts so many servers on a new PostgreSQL, as durable as the product has it. */
export async function startCluster(size: number): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-history-'));
  const directory = join(folder, 'postgres');
  const { log } = captureLog();
  const ports = await Promise.all(Array.from({ length: size }, findFreePort));
  let postgres: EmbeddedPostgres | undefined;
  const startPostgres = async (port: number) => {
    postgres = await startEmbeddedPostgres({ directory, log, port });
    return postgres;
  };
  const { url } = await startPostgres(await findFreePort());
  const postgresPort = Number(new URL(url).port);
  const db = createPool({ url, log, max: 4 });
  const issuer = `http://localhost:${ports[0]}`;

  const logs: (() => string)[] = [];
  const start = async (port: number) => {
    const server = await serve({
      POSTERN_ISSUER: issuer,
      POSTERN_PORT: String(port),
      POSTERN_SECRET: testSecret,
      DATABASE_URL: url,
      POSTERN_DEVICE_RATE_LIMIT: '1000000',
    });
    logs.push(server.stdout);
    return server;
  };
  const servers: Process[] = [];
  // One after the other: the first one migrates.
  for (const port of ports) servers.push(await start(port));

  return {
    db,
    issuer,
    addresses: ports.map((port) => `http://localhost:${port}`),
    async killServer(index) {
      await servers[index]?.end();
      for (let started: Process | undefined; !started; ) {
        // While its database is away a server does not start.
        started = await start(ports[index] ?? 0).catch(() => undefined);
        if (started) servers[index] = started;
      }
    },
    async restartDatabase() {
      await postgres?.stop();
      await startPostgres(postgresPort);
    },
    async crashDatabase() {
      const postmaster = await findPostmaster(join(directory, 'data'));
      if (postmaster) process.kill(postmaster.pid, 'SIGQUIT');
      await postgres?.stop();
      await startPostgres(postgresPort);
    },
    findFailure: (requestId) =>
      logs
        .flatMap((stdout) => stdout().split('\n'))
        .find((line) => line.includes(requestId) && line.includes('"err"')),
    async stop() {
      await Promise.all(servers.map((server) => server.end()));
      await db.close();
      await postgres?.stop();
      await rm(folder, { recursive: true });
    },
  };
}
