import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Environment, loadConfig } from '../src/config.ts';
import { loadMasterSecrets } from '../src/master-secret.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-secret-'));
});
after(() => rm(folder, { recursive: true }));

const one = 'one-master-secret-0123456789-abcdefghijklm';
const two = 'two-master-secret-0123456789-abcdefghijklm';

const load = (env: Environment) =>
  loadMasterSecrets(loadConfig({ POSTERN_MODE: 'development', POSTERN_DATA: folder, ...env }));

describe('the master secrets', () => {
  it('are the present one and, while there is one, that before it', async () => {
    assert.deepEqual(await load({ POSTERN_SECRET: one }), [one]);
    assert.deepEqual(await load({ POSTERN_SECRET: two, POSTERN_PREVIOUS_SECRET: one }), [two, one]);
    assert.deepEqual(await load({ POSTERN_SECRET: one, POSTERN_PREVIOUS_SECRET: one }), [one]);
    assert.deepEqual(await load({ POSTERN_SECRET: one, POSTERN_PREVIOUS_SECRET: '' }), [one]);
  });

  it('may come from files', async () => {
    const file = join(folder, 'previous');
    await writeFile(file, `${two}\n`);
    assert.deepEqual(await load({ POSTERN_SECRET: one, POSTERN_PREVIOUS_SECRET_FILE: file }), [one, two]);
  });

  it('must both look random', async () => {
    await assert.rejects(async () => load({ POSTERN_SECRET: one, POSTERN_PREVIOUS_SECRET: 'short' }), {
      code: 'configuration',
      message: /POSTERN_PREVIOUS_SECRET: write at least 32 random bytes/,
    });
  });

  it('are made in development where none is given, once, for its owner to read', async () => {
    const [made] = await load({});
    assert.ok(made.length >= 32);
    assert.deepEqual(await load({ POSTERN_PREVIOUS_SECRET: one }), [made, one]);
    assert.equal((await stat(join(folder, 'secret'))).mode & 0o777, 0o600);
  });

  it('are never made up in production', async () => {
    const config = {
      ...loadConfig({ POSTERN_MODE: 'development', POSTERN_DATA: folder }),
      mode: 'production',
    };
    await assert.rejects(loadMasterSecrets(config as never), { code: 'configuration' });
  });
});
