import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../src/root.ts';

/** How long one file may take, and each test in it: several times as long as any does, for machines that are slow. */
const fileTimeoutMs = 300_000;

/** The share of what is left that the next group gets, where so many run at once: the last ones are small, so that all end together. */
const share = (left: number, atOnce: number): number => Math.max(1, Math.ceil(left / (3 * atOnce)));

/**
 * Divides test files among modules written to `folder`, to be run `atOnce`, and returns the paths of the modules. The
 * files of one share a process: it loads the server, and warms up, once for all of them.
 */
export async function writeGroups(files: string[], folder: string, atOnce: number): Promise<string[]> {
  const paths: string[] = [];
  for (let at = 0; at < files.length; ) {
    const group = files.slice(at, at + share(files.length - at, atOnce));
    const path = join(folder, `group-${paths.length + 1}.mjs`);
    await writeFile(
      path,
      `import { describeFiles } from ${JSON.stringify(import.meta.url)};\ndescribeFiles(${JSON.stringify(group)});\n`,
    );
    paths.push(path);
    at += group.length;
  }
  return paths;
}

/** Has the tests of each file run after those of the file before, in a suite that ends the file's hooks with it. */
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
    });
}
