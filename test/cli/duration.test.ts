import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countdownText, durationText, instantText } from '../../src/cli/duration.ts';

test('a duration is told by its largest unit', () => {
  const told = [0, 1, 59.6, 60, 119, 3600, 7199, 86_400, 172_800, -5].map(durationText);
  assert.deepEqual(told, [
    '0 seconds',
    '1 second',
    '1 minute',
    '1 minute',
    '1 minute',
    '1 hour',
    '1 hour',
    '1 day',
    '2 days',
    '0 seconds',
  ]);
});

test('a countdown reads like a clock', () => {
  assert.deepEqual([600, 599.2, 7, 0, -1, 3661].map(countdownText), [
    '10:00',
    '10:00',
    '0:07',
    '0:00',
    '0:00',
    '1:01:01',
  ]);
});

test('an instant is told exactly and as seen from now', () => {
  const now = new Date('2026-01-02T15:00:00Z');
  assert.match(
    instantText(new Date('2026-01-02T15:59:00Z'), now),
    /^2026-01-0\d \d\d:\d\d:00 .+ \(in 59 minutes\)$/,
  );
  assert.match(instantText(new Date('2026-01-02T12:00:00Z'), now), /\(3 hours ago\)$/);
});
