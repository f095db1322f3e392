import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `migrations/`, `views/` and `package.json`. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** An absolute path inside the project. */
export function inRoot(...parts: string[]): string {
  return join(root, ...parts);
}
