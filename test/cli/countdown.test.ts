import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { startCountdown } from '../../src/cli/countdown.ts';
import { createIo } from '../../src/cli/io.ts';
import { capture } from './terminal.ts';

const start = new Date('2026-01-01T00:00:00Z');
const end = new Date('2026-01-01T00:10:00Z');

function terminalOf(columns?: number) {
  const { stream, text } = capture();
  let now = start;
  const io = createIo({
    env: {},
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: Object.assign(stream, columns === undefined ? {} : { isTTY: true, columns }),
    clock: { now: () => now },
  });
  const setNow = (instant: string) => {
    now = new Date(instant);
  };
  return { io, text, setNow };
}

test('a terminal sees one line that counts down in place and goes away', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { io, text, setNow } = terminalOf(80);
  const countdown = startCountdown(io, end);
  setNow('2026-01-01T00:00:01Z');
  t.mock.timers.tick(1000);
  countdown.stop();
  const lines = text().split('\r\u001b[2K');
  assert.deepEqual(lines, [
    '',
    '  Waiting for your approval, the code expires in 10:00',
    '  Waiting for your approval, the code expires in 9:59',
    '',
  ]);
});

test('a line that does not fit is cut, for a wrapped line cannot be replaced', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { io, text } = terminalOf(30);
  const countdown = startCountdown(io, end);
  countdown.note('the server is away');
  countdown.stop();
  for (const line of text().split('\r\u001b[2K')) assert.ok(line.length < 30, line);
});

test('a pipe is told once how long the code lives, and once of each trouble', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { io, text } = terminalOf();
  const countdown = startCountdown(io, end);
  t.mock.timers.tick(3000);
  for (const note of ['the server is away', 'the server is away', undefined, 'the server is away']) {
    countdown.note(note);
  }
  countdown.stop();
  assert.deepEqual(text().split('\n'), [
    'Waiting for your approval; the code expires in 10 minutes.',
    'the server is away',
    'the server is away',
    '',
  ]);
});
