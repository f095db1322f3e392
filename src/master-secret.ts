import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, configurationError } from './config.ts';
import { randomText } from './secret.ts';

/**
 * The master secret, from which every other key of the server is derived. In development it is made at the first start
 * and kept, readable by its owner only, under the data directory.
 */
export async function loadMasterSecret(config: Config): Promise<string> {
  if (config.secret !== undefined) return config.secret;
  const path = join(config.dataDirectory, 'secret');
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o755 });
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${randomText()}\n`);
    await file.sync();
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret.length < 32) throw configurationError([`${path}: remove this file; what it holds is too short`]);
  return secret;
}
