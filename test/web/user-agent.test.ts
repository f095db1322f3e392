import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeUserAgent } from '../../src/web/user-agent.ts';

const mozilla = 'Mozilla/5.0';
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

const known: [header: string, program: string | undefined, system: string | undefined][] = [
  ['postern/0.1.0 (linux; x64) node/24.1.0', 'postern 0.1.0', 'Linux'],
  ['curl/8.5.0', 'curl 8.5.0', undefined],
  [`${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36`, 'Chrome', 'Windows'],
  [`${mozilla} (Windows NT 10.0) ${webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`, 'Edge', 'Windows'],
  [`${mozilla} (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0`, 'Firefox', 'Linux'],
  [`${mozilla} (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/18.0 Safari/605.1`, 'Safari', 'macOS'],
  [`${mozilla} (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${webkit} Safari/604.1`, 'Safari', 'iOS'],
  [
    `${mozilla} (Linux; Android 15; Pixel 9) ${webkit} Chrome/140.0 Mobile Safari/537.36`,
    'Chrome',
    'Android',
  ],
  ['Go-http-client/1.1', 'Go-http-client 1.1', undefined],
  ['python-requests/2.32.0', 'python-requests 2.32.0', undefined],
  ['', undefined, undefined],
];

test('programs and systems are told in plain words', () => {
  for (const [header, program, system] of known) {
    assert.deepEqual(describeUserAgent(header), { program, system }, header);
  }
});

test('what is not known is shown as it is, on one line and not for long', () => {
  assert.equal(describeUserAgent('My\r\nfridge\u202E').program, 'My fridge');
  assert.equal(describeUserAgent('x'.repeat(5_000)).program?.length, 80);
});
