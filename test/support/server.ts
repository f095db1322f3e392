import { Writable } from 'node:stream';
import { startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog, type Log } from '../../src/log.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { searchAtTheEnd } from './log-search.ts';
import { findFreePort } from './port.ts';
import { openDatabase } from './postgres.ts';

/** A whole server in this process, on a database of its own, with the development data. */
export type TestServer = {
  issuer: string;
  /** Where it listens, whatever its issuer is. */
  url: string;
  /** Straight to the server's database, to arrange what time or an accident would. */
  db: Pool;
  databaseUrl: string;
  /** Every line that the server has logged. */
  logged(): string;
  stop(): Promise<void>;
};

/** The master secret of every test server. */
export const testSecret = 'test-master-secret-0123456789-abcdefghij';

/**
 * Starts a server on a free port of the loopback. `settings` are environment variables on top of those for development;
 * `path` is the issuer's own path; `databaseUrl` shares the database of another server; `showMail` gets mail where no mail server is set.
 */
export async function startServer(
  options: {
    settings?: Record<string, string>;
    path?: string;
    databaseUrl?: string;
    showMail?: (text: string) => void;
  } = {},
): Promise<TestServer> {
  const database = options.databaseUrl ? undefined : await openDatabase();
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const port = await findFreePort();
  const issuer = `http://localhost:${port}${options.path ?? ''}`;
  const { log, logged } = captureLog();
  const config = loadConfig({
    POSTERN_MODE: 'development',
    POSTERN_ISSUER: issuer,
    POSTERN_PORT: String(port),
    POSTERN_SECRET: testSecret,
    DATABASE_URL: databaseUrl,
    // All devices of a test are in one network.
    POSTERN_DEVICE_RATE_LIMIT: '100000',
    ...options.settings,
  });
  const running = await startApp(config, log, options.showMail && { showMail: options.showMail });
  const db = createPool({ url: databaseUrl, log, max: 4 });
  return {
    issuer: config.issuer,
    url: `http://localhost:${port}`,
    db,
    databaseUrl,
    logged,
    async stop() {
      await running.stop();
      await db.close();
      await database?.drop();
    },
  };
}

/** A logger at its chattiest whose lines stay in memory, to be searched for secrets when this process ends. */
export function captureLog(): { log: Log; logged: () => string } {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logged = () => lines.join('');
  searchAtTheEnd(logged);
  return { log: createLog({ level: 'trace', destination }), logged };
}
