import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, configurationError } from './config.ts';
import { type MasterSecrets, randomText } from './secret.ts';

/**
 * The master secrets, from which every other key of the server is derived; the first one is the present. In development
 * it is made at the first start and kept, readable by its owner only, under the data directory.
 */
export async function loadMasterSecrets(config: Config): Promise<MasterSecrets> {
  const present = config.secret ?? (await loadOwn(config));
  const { previousSecret } = config;
  return previousSecret === undefined || previousSecret === present ? [present] : [present, previousSecret];
}

async function loadOwn(config: Config): Promise<string> {
  if (config.mode === 'production') {
    throw configurationError([
      'POSTERN_SECRET: set that of the servers; the audit log needs it, where every change is written down',
    ]);
  }
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
