import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserCommand } from '../../src/cli/browser.ts';

test('a browser opens where a screen is', () => {
  assert.deepEqual(browserCommand('linux', { DISPLAY: ':0' }), ['xdg-open']);
  assert.deepEqual(browserCommand('linux', { WAYLAND_DISPLAY: 'wayland-0' }), ['xdg-open']);
  assert.deepEqual(browserCommand('darwin', {}), ['open']);
});

test('no browser opens without a display or over SSH', () => {
  assert.equal(browserCommand('linux', {}), undefined);
  assert.equal(
    browserCommand('linux', { DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }),
    undefined,
  );
  assert.equal(browserCommand('darwin', { SSH_TTY: '/dev/ttys001' }), undefined);
});
