import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { claimedSystem } from '../../src/claimed-system.ts';
import { claimedProgram } from '../../src/web/user-agent.ts';

const mozilla = 'Mozilla/5.0';
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

const known: [header: string, system: string | undefined][] = [
  ['postern/0.1.0 (linux)', 'Linux'],
  ['postern/0.1.0 (win32)', 'Windows'],
  ['postern/0.1.0 (darwin)', 'macOS'],
  ['curl/8.5.0', undefined],
  [`${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36`, 'Windows'],
  [`${mozilla} (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0`, 'Linux'],
  [`${mozilla} (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/18.0 Safari/605.1`, 'macOS'],
  [`${mozilla} (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${webkit} Safari/604.1`, 'iOS'],
  [`${mozilla} (Linux; Android 15; Pixel 9) ${webkit} Chrome/140.0 Mobile Safari/537.36`, 'Android'],
  ['Go-http-client/1.1', undefined],
  ['', undefined],
];

test('systems are told in plain words', () => {
  for (const [header, system] of known) assert.equal(claimedSystem(header), system, header);
});

test('nothing that a device writes about itself is shown in its own words', () => {
  const names = new Set([
    'Android',
    'iOS',
    'iPadOS',
    'ChromeOS',
    'Windows',
    'macOS',
    'FreeBSD',
    'OpenBSD',
    'Linux',
  ]);
  fc.assert(
    fc.property(fc.string({ maxLength: 600 }), (header) => {
      const system = claimedSystem(header);
      assert.ok(system === undefined || names.has(system));
    }),
  );
});

test('of a program it tells the version, and the name only of a browser that we know', () => {
  for (const [header, claimed] of [
    ['postern/0.4.0 (linux)', { version: '0.4.0' }],
    ['Your-Bank/v7.1', { version: '7.1' }],
    ['Your-Bank says hello', undefined],
    ['x/1.2.3<b>', { version: '1.2.3' }],
    ['x/1.2evil', undefined],
    [
      `${mozilla} (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0`,
      { name: 'Firefox', version: '130' },
    ],
    [
      `${mozilla} (Windows NT 10.0) ${webkit} Chrome/140.0.0.0 Safari/537.36`,
      { name: 'Chrome', version: '140' },
    ],
    [
      `${mozilla} (Windows NT 10.0) ${webkit} Chrome/140.0 Safari/537.36 Edg/141.0`,
      { name: 'Edge', version: '141' },
    ],
    [
      `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/18.0 Safari/605.1`,
      { name: 'Safari', version: '18' },
    ],
  ] as const) {
    assert.deepEqual(claimedProgram(header), claimed, header);
  }
});
