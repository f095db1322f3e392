import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../../src/root.ts';
import { serveBrowser } from './browser.ts';
import { startTemporaryPostgres } from './temporary-postgres.ts';

// More than there are cores: somebody always waits, for a login's next poll or a server that ends.
const atOnce = availableParallelism() + 2;

/** Runs the test files that the arguments name (all of them without any) on one PostgreSQL and in one browser, and exits as they did. */
async function run(patterns: string[]): Promise<number> {
  const files = globSync(patterns.length > 0 ? patterns : 'test/**/*.test.ts', { cwd: inRoot() }).sort();
  if (files.length === 0) throw new Error(`no test file is called ${patterns.join(' or ')}`);
  const given = process.env.POSTERN_TEST_POSTGRES;
  const [postgres, browser] = await Promise.all([
    given ? undefined : startTemporaryPostgres(),
    // Where none starts, the files that need one say so.
    files.some((file) => file.includes('browser')) ? serveBrowser().catch(() => undefined) : undefined,
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'postern-test-groups-'));
  const groups = await writeGroups(files, folder);
  const tests = spawn(
    process.execPath,
    ['--test', '--test-reporter=spec', `--test-concurrency=${atOnce}`, ...groups],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        POSTERN_TEST_POSTGRES: given ?? postgres?.url,
        ...(browser && { POSTERN_TEST_BROWSER: browser.wsEndpoint() }),
        // Each group is a process that loads the whole server, which need not be compiled each time.
        NODE_COMPILE_CACHE: inRoot('.node', 'compiled'),
      },
    },
  );
  // From a terminal the tests get Ctrl-C themselves; from elsewhere only we do. Either way the database ends last.
  process.on('SIGINT', () => tests.kill('SIGINT'));
  process.on('SIGTERM', () => tests.kill('SIGTERM'));
  const [code] = await once(tests, 'exit');
  await Promise.all([postgres?.stop(), browser?.close(), rm(folder, { recursive: true })]);
  return code ?? 1;
}

/** The share of what is left that the next group gets, where so many run at once: the last ones are small, so that all end together. */
const share = (left: number): number => Math.max(1, Math.ceil(left / (3 * atOnce)));

/**
 * Divides test files among modules written to `folder`, and returns the paths of the modules. The files of one share a
 * process: it loads the server, and warms up, once for all of them.
 */
async function writeGroups(files: string[], folder: string): Promise<string[]> {
  const group = JSON.stringify(inRoot('test', 'support', 'group.ts'));
  const paths: string[] = [];
  for (let at = 0; at < files.length; ) {
    const own = files.slice(at, at + share(files.length - at));
    const path = join(folder, `group-${paths.length + 1}.mjs`);
    await writeFile(
      path,
      `import { describeFiles } from ${group};\ndescribeFiles(${JSON.stringify(own)});\n`,
    );
    paths.push(path);
    at += own.length;
  }
  return paths;
}

process.exitCode = await run(process.argv.slice(2));
