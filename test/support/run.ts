import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { inRoot } from '../../src/root.ts';
import { serveBrowser } from './browser.ts';
import { startTemporaryPostgres } from './temporary-postgres.ts';

/** Runs the test files that the arguments name (all of them without any) on one PostgreSQL and in one browser, and exits as they did. */
async function run(patterns: string[]): Promise<number> {
  const given = process.env.POSTERN_TEST_POSTGRES;
  const [postgres, browser] = await Promise.all([
    given ? undefined : startTemporaryPostgres(),
    // Where none starts, the files that need one say so.
    patterns.every((pattern) => !pattern.includes('browser')) && patterns.length > 0
      ? undefined
      : serveBrowser().catch(() => undefined),
  ]);
  const tests = spawn(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      '--test-timeout=120000',
      // More than there are cores: somebody always waits, for a login's next poll or a server that ends.
      `--test-concurrency=${availableParallelism() + 2}`,
      ...(patterns.length > 0 ? patterns : ['test/**/*.test.ts']),
    ],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        POSTERN_TEST_POSTGRES: given ?? postgres?.url,
        ...(browser && { POSTERN_TEST_BROWSER: browser.wsEndpoint() }),
        // Each file is a process that loads the whole server, which need not be compiled each time.
        NODE_COMPILE_CACHE: inRoot('.node', 'compiled'),
      },
    },
  );
  // From a terminal the tests get Ctrl-C themselves; from elsewhere only we do. Either way the database ends last.
  process.on('SIGINT', () => tests.kill('SIGINT'));
  process.on('SIGTERM', () => tests.kill('SIGTERM'));
  const [code] = await once(tests, 'exit');
  await Promise.all([postgres?.stop(), browser?.close()]);
  return code ?? 1;
}

process.exitCode = await run(process.argv.slice(2));
