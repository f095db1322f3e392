import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { withLock } from '../../src/cli/lock.ts';
import { makeHome } from './terminal.ts';

const lockModule = JSON.stringify(new URL('../../src/cli/lock.ts', import.meta.url).href);

function start(script: string): ChildProcessByStdio<null, Readable, null> {
  const program = `import { readFileSync, writeFileSync } from 'node:fs'; import { withLock } from ${lockModule}; ${script}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('processes that read, change and write under one lock lose no change', async (t) => {
  const { HOME } = await makeHome(t);
  const counter = join(HOME, 'counter');
  await writeFile(counter, '0');
  const children = Array.from({ length: 5 }, () =>
    start(`
      for (let round = 0; round < 10; round += 1) {
        await withLock(${JSON.stringify(join(HOME, 'the.lock'))}, async () => {
          const count = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
          await new Promise(setImmediate);
          writeFileSync(${JSON.stringify(counter)}, String(count + 1));
        });
      }
    `),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  assert.deepEqual(codes, [0, 0, 0, 0, 0]);
  assert.equal(await readFile(counter, 'utf8'), '50');
});

test('a lock whose holder was killed is free at once', async (t) => {
  const { HOME } = await makeHome(t);
  const path = join(HOME, 'the.lock');
  const holder = start(`
    await withLock(${JSON.stringify(path)}, () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000); }));
  `);
  await once(holder.stdout, 'data');

  let isHolderAlive = true;
  const next = withLock(path, async () => isHolderAlive);
  const exit = once(holder, 'exit');
  isHolderAlive = false;
  holder.kill('SIGKILL');
  assert.equal(await next, false);
  await exit;
});

test('work that fails gives the lock back', async (t) => {
  const path = join((await makeHome(t)).HOME, 'the.lock');
  await assert.rejects(
    withLock(path, async () => {
      throw new Error('work failed');
    }),
    /work failed/,
  );
  assert.equal(await withLock(path, async () => 'done'), 'done');
});

test('a file that cannot be a lock is told as such', async (t) => {
  const path = join((await makeHome(t)).HOME, 'the.lock');
  await writeFile(path, 'x'.repeat(5000), { mode: 0o600 });
  await assert.rejects(
    withLock(path, async () => 'done'),
    { code: 'configuration', message: /cannot serve as a lock/ },
  );
});
