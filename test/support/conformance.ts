import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../src/root.ts';
import { readTitles } from './titles.ts';

/** One requirement, with the cells of its row as they are written. */
export type Row = { heading: string; section: string; requirement: string; held: string; proven: string };

const head = '| § | Requirement | Held in | Proven by |';

/** The rows of a document under their headings. Throws for a line of a table that is not of four cells. */
export function readRows(text: string): Row[] {
  let heading = '';
  const rows: Row[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) heading = line.slice(3);
    if (!line.startsWith('|') || line === head || line === '|---|---|---|---|') continue;
    const [section, requirement, held, proven, ...others] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (!section || !requirement || !held || !proven || others.length > 0)
      throw new Error(`not a row of four cells: ${line}`);
    rows.push({ heading, section, requirement, held, proven });
  }
  return rows;
}

/**
 * What is wrong with a row. It must name at least one source file and one test, or begin its last cell with `Does not
 * apply:` and a sentence; every file and test that it names must be there.
 */
export function listFaults({ held, proven }: Row): string[] {
  const files = [...held.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
  const missing = files.filter((path) => !existsSync(join(root, path))).map((path) => `${path} is not there`);
  const reason = /^Does not apply: (.{20,}\.)$/.exec(proven);
  if (reason) return missing;
  const tests = proven.split('<br>').flatMap(listTestFaults);
  return [...missing, ...(files.length === 0 ? ['it names no source file'] : []), ...tests];
}

/** Faults of one `file: “title”, “title”`. */
function listTestFaults(text: string): string[] {
  const [, path = '', quoted = ''] =
    /^`(test\/[\w./-]+\.test\.ts)`: (“[^“”]+”(?:, “[^“”]+”)*)$/.exec(text) ?? [];
  if (path === '') return [`neither a test nor a reason: ${text}`];
  if (!existsSync(join(root, path))) return [`${path} is not there`];
  const titles = readTitles(path);
  return [...quoted.matchAll(/“([^“”]+)”/g)]
    .map(([, title = '']) => title)
    .filter((title) => !titles.has(title))
    .map((title) => `${path} has no test “${title}”`);
}
