import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressPrefix, createTrust, findAddress } from '../../src/http/client-address.ts';
import { openDoor } from './door.ts';

const trust = createTrust(['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.7']);

test('X-Forwarded-For of a stranger is ignored', () => {
  assert.equal(findAddress('203.0.113.9', '198.51.100.1', trust), '203.0.113.9');
  assert.equal(findAddress('203.0.113.9', '198.51.100.1', createTrust([])), '203.0.113.9');
});

test('X-Forwarded-For is walked from the right, over trusted proxies only', () => {
  assert.equal(findAddress('10.0.0.1', '198.51.100.1', trust), '198.51.100.1');
  assert.equal(findAddress('10.0.0.1', '1.1.1.1, 198.51.100.1, 10.2.3.4', trust), '198.51.100.1');
  assert.equal(findAddress('::ffff:10.0.0.1', '1.1.1.1,198.51.100.1', trust), '198.51.100.1');
  assert.equal(findAddress('2001:db8:ffff::1', '2001:DB8:0:0:1::2', trust), '2001:db8::1:0:0:2');
  assert.equal(findAddress('192.0.2.7', '10.1.1.1', trust), '10.1.1.1');
  assert.equal(findAddress('10.0.0.1', '', trust), '10.0.0.1');
});

test('ports and brackets are dropped, an IPv4-mapped address is IPv4', () => {
  assert.equal(findAddress('10.0.0.1', '198.51.100.1:4711', trust), '198.51.100.1');
  assert.equal(findAddress('10.0.0.1', '[2001:db8::1]:443', trust), '2001:db8::1');
  assert.equal(findAddress('::ffff:203.0.113.9', '', trust), '203.0.113.9');
});

test('what is no address ends the walk at the proxy that passed it on', () => {
  for (const entry of [
    'unknown',
    '0x7f.1',
    '127.1',
    '010.0.0.1',
    '1.2.3.4.5',
    '_hidden',
    '<script>',
    ' ',
    '::g',
  ]) {
    assert.equal(findAddress('10.0.0.1', `198.51.100.1, ${entry}`, trust), '10.0.0.1', entry);
  }
});

test('a header full of commas or proxies costs nothing', () => {
  const before = process.cpuUsage();
  for (let round = 0; round < 100; round += 1) {
    findAddress('10.0.0.1', ','.repeat(16_000), trust);
    findAddress('10.0.0.1', '10.0.0.1,'.repeat(1_700), trust);
    findAddress('10.0.0.1', '1'.repeat(16_000), trust);
  }
  assert.ok(process.cpuUsage(before).user < 500_000);
});

test('a caller is one IPv4 address or one IPv6 /56', () => {
  assert.equal(addressPrefix('203.0.113.9'), '203.0.113.9/32');
  assert.equal(addressPrefix('::ffff:203.0.113.9'), '203.0.113.9/32');
  assert.equal(addressPrefix('2001:db8:1:2ff:3:4:5:6'), addressPrefix('2001:db8:1:200::1'));
  assert.notEqual(addressPrefix('2001:db8:1:2ff::1'), addressPrefix('2001:db8:1:300::1'));
});

test('hostile Host and X-Forwarded headers change no address that the server builds', async (t) => {
  const { origin, exchange } = await openDoor(t, { issuer: 'https://login.example.com' });
  const headers = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-for': '6.6.6.6',
    forwarded: 'host=evil.example',
    'x-original-url': '/page',
  };
  const expected = {
    href: 'https://login.example.com/where?a=1',
    host: 'login.example.com',
    address: '127.0.0.1',
  };
  const answer = await fetch(`${origin}/where?a=1`, { headers });
  assert.deepEqual(await answer.json(), expected);
  for (const target of [
    'http://evil.example/where',
    '//evil.example/where',
    'http://evil:99999999/where',
    '/where\\',
  ]) {
    const text = await exchange(`GET ${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(text, /evil/, target);
    assert.match(text, /^HTTP\/1\.1 (200|404) /, target);
  }
});
