import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `migrations/`, `views/` and `package.json`. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** An absolute path inside the project. */
export function inRoot(...parts: string[]): string {
  return join(root, ...parts);
}

/** The version of this program, as `package.json` has it. */
export function readVersion(): string {
  return JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).version;
}
