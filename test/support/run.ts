import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { startTemporaryPostgres } from './temporary-postgres.ts';

/** Runs the test files that the arguments name (all of them without any) on one PostgreSQL, and exits as they did. */
async function run(patterns: string[]): Promise<number> {
  const given = process.env.POSTERN_TEST_POSTGRES;
  const postgres = given ? undefined : await startTemporaryPostgres();
  const tests = spawn(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      '--test-timeout=120000',
      `--test-concurrency=${Math.max(2, availableParallelism())}`,
      ...(patterns.length > 0 ? patterns : ['test/**/*.test.ts']),
    ],
    { stdio: 'inherit', env: { ...process.env, POSTERN_TEST_POSTGRES: given ?? postgres?.url } },
  );
  // From a terminal the tests get Ctrl-C themselves; from elsewhere only we do. Either way the database ends last.
  process.on('SIGINT', () => tests.kill('SIGINT'));
  process.on('SIGTERM', () => tests.kill('SIGTERM'));
  const [code] = await once(tests, 'exit');
  await postgres?.stop();
  return code ?? 1;
}

process.exitCode = await run(process.argv.slice(2));
