import { after, describe } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../src/root.ts';
import { searchLogs } from './log-search.ts';

/** How long one file may take, and each test in it: several times as long as any does, for machines that are slow. */
const fileTimeoutMs = 300_000;

/**
 * Has the tests of each file run after those of the file before, in a suite that ends the file's hooks with it, and then
 * searches what its servers have logged.
 */
export function describeFiles(files: string[]): void {
  let loaded: Promise<unknown> = Promise.resolve();
  for (const file of files)
    describe(file, { timeout: fileTimeoutMs }, async () => {
      const before = loaded;
      const { promise, resolve } = Promise.withResolvers<void>();
      loaded = promise;
      // One at a time: of two that wait for the same module, the second would declare its tests in the suite of the first.
      // And by a promise of this suite: behind one of another, what is loaded would declare its tests in that one.
      await new Promise<void>((go) => before.then(() => go()));
      await import(pathToFileURL(inRoot(file)).href).finally(resolve);
      after(searchLogs);
    });
}
