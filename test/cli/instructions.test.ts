import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { showInstructions, showNumber } from '../../src/cli/instructions.ts';
import { createIo } from '../../src/cli/io.ts';
import { capture } from './terminal.ts';

const device = {
  device_code: 'dc',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://auth.example/device',
  expires_in: 600,
};

async function shown(
  given: Partial<typeof device>,
  env: Record<string, string>,
  columns?: number,
): Promise<string> {
  const { stream, text } = capture();
  const stderr = Object.assign(stream, columns === undefined ? {} : { isTTY: true, columns });
  const io = createIo({ env, stdin: new PassThrough(), stdout: new PassThrough(), stderr });
  await showInstructions(io, 'https://auth.example', { ...device, ...given });
  return text();
}

test('a terminal shows the address, the code and a QR code', async () => {
  const text = stripVTControlCharacters(await shown({}, {}, 80));
  assert.match(text, /https:\/\/auth\.example\/device/);
  assert.match(text, /│ {3}WDJB-MJHT {3}│/);
  assert.match(text, /█▀/);
});

test('a narrow terminal shows no QR code', async () => {
  const text = await shown({}, {}, 30);
  assert.match(text, /WDJB-MJHT/);
  assert.doesNotMatch(text, /█/);
});

test('NO_COLOR is honoured, and a pipe gets one plain line', async () => {
  assert.equal((await shown({}, { NO_COLOR: '1' }, 80)).includes('\u001b'), false);
  assert.equal(
    await shown({}, {}),
    'To sign in to https://auth.example, open https://auth.example/device and enter the code WDJB-MJHT\n',
  );
});

test('what a server sends cannot drive the terminal', async () => {
  const text = await shown({ user_code: 'A\u001b]0;owned\u0007B\u202eC\r\nD' }, { NO_COLOR: '1' }, 80);
  for (const trick of ['\u001b', '\u0007', '\u202e', '\r', 'owned'])
    assert.equal(text.includes(trick), false);
  assert.match(text, /│ {3}ABCD {3}│/);
});

test('a terminal shows the number that the browser wants in a frame of its own', () => {
  const { stream, text } = capture();
  const stderr = Object.assign(stream, { isTTY: true, columns: 80 });
  const io = createIo({ env: {}, stdin: new PassThrough(), stdout: new PassThrough(), stderr });
  showNumber(io, '42');
  assert.match(stripVTControlCharacters(text()), /│ {3}42 {3}│/);
});
