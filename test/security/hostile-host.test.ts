import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { createProver } from '../support/proof.ts';
import { exchange, type RawAnswer } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let proxied: TestServer;
before(async () => {
  server = await startServer();
  proxied = await startServer({ settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1, 10.0.0.0/8' } });
});
after(() => Promise.all([server.stop(), proxied.stop()]));

const evil = 'evil.example';

/** What a caller may claim about itself and about us. */
const claims: Record<string, string>[] = [
  { Host: evil },
  { Host: `${evil}:1234` },
  { Host: 'localhost@evil.example' },
  { Host: `localhost`, 'X-Forwarded-Host': evil },
  {
    Host: 'localhost',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Port': '1',
    'X-Forwarded-Prefix': `/${evil}`,
  },
  { Host: 'localhost', Forwarded: `for=1.2.3.4;host=${evil};proto=https` },
  { Host: 'localhost', 'X-Original-URL': `http://${evil}/`, 'X-Rewrite-URL': `http://${evil}/` },
  { Host: 'localhost', 'X-Forwarded-Host': `${evil}, ${evil}`, 'X-Forwarded-For': '1.2.3.4' },
  { Host: '' },
];

/** The same path, as a proxy would name it. */
const absolute = (path: string) => `http://${evil}${path}`;

function get(at: TestServer, target: string, headers: Record<string, string>): Promise<RawAnswer> {
  return exchange(at.issuer, { target, headers });
}

function askDevice(at: TestServer, headers: Record<string, string>, target = '/oauth/device_authorization') {
  const body = 'client_id=demo-cli';
  return exchange(at.issuer, {
    method: 'POST',
    target,
    body,
    headers: {
      ...headers,
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': String(body.length),
    },
  });
}

/** The address that the newest line of the log names. */
function loggedAddress(at: TestServer): string {
  const lines = at.logged().trim().split('\n');
  return JSON.parse(lines.findLast((line) => line.includes('"request"')) ?? '{}').address;
}

describe('a hostile Host, X-Forwarded header or target', () => {
  it('changes nothing in the metadata, behind a trusted proxy either', async () => {
    for (const at of [server, proxied]) {
      for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
        const honest = await get(at, path, { Host: new URL(at.issuer).host });
        assert.equal(JSON.parse(honest.body).issuer, at.issuer);
        for (const headers of claims) {
          for (const target of [path, absolute(path)]) {
            const answer = await get(at, target, headers);
            assert.equal(answer.status, 200, JSON.stringify(headers));
            assert.equal(answer.body, honest.body, JSON.stringify(headers));
          }
        }
      }
    }
  });

  it('changes no address that a device or a person is sent to', async () => {
    for (const at of [server, proxied]) {
      for (const headers of claims) {
        const { status, body } = await askDevice(at, headers, absolute('/oauth/device_authorization'));
        assert.equal(status, 200, body);
        const device = JSON.parse(body);
        assert.equal(device.verification_uri, `${at.issuer}/device`);
        assert.ok(device.verification_uri_complete.startsWith(`${at.issuer}/device?`));
        for (const target of ['/', '/device', '/sign-in', '/device/confirm', '/nothing']) {
          const page = await get(at, absolute(target), { ...headers, Accept: 'text/html' });
          const shown = [...page.headers.values(), page.body].join('\n');
          assert.ok(!shown.includes(evil), `${target} ${JSON.stringify(headers)}`);
        }
      }
    }
  });

  it('makes no DPoP proof good that was made for it, and none bad that was made for us', async () => {
    const prover = await createProver();
    const body = 'client_id=demo-cli';
    for (const at of [server, proxied]) {
      for (const headers of claims) {
        for (const [address, status] of [
          [at.issuer, 200],
          [`http://${evil}`, 400],
          [`https://${evil}`, 400],
        ] as const) {
          const answer = await exchange(at.issuer, {
            method: 'POST',
            target: '/oauth/device_authorization',
            body,
            headers: {
              ...headers,
              DPoP: await prover.prove(`${address}/oauth/device_authorization`),
              'Content-Type': 'application/x-www-form-urlencoded',
              'Content-Length': String(body.length),
            },
          });
          assert.equal(answer.status, status, `${address} ${JSON.stringify(headers)}`);
        }
      }
    }
  });

  it('changes no challenge', async () => {
    for (const headers of claims) {
      const { status, headers: answered } = await exchange(server.issuer, {
        method: 'POST',
        target: '/oauth/token',
        headers,
      });
      assert.equal(status, 401);
      assert.equal(answered.get('www-authenticate'), `Basic realm="${server.issuer}"`);
    }
  });

  it('reaches no other path', async () => {
    const Host = 'localhost';
    assert.equal((await get(server, '/x', { Host, 'X-Original-URL': '/health/live' })).status, 404);
    assert.equal((await get(server, `//${evil}/health/live`, { Host })).status, 404);
    assert.equal((await get(server, '*', { Host })).status, 404);
  });

  it('costs no time', async () => {
    const before = process.cpuUsage();
    const Host = 'localhost';
    for (const character of [',', ', ', '1.1.1.1,', '10.0.0.1,']) {
      const forged = character.repeat(Math.floor(12_000 / character.length));
      const { status } = await get(proxied, '/health/live', {
        Host,
        'X-Forwarded-For': forged,
        Forwarded: forged,
      });
      assert.ok(status === 200 || status === 431);
    }
    assert.ok(process.cpuUsage(before).user < 1_000_000);
  });
});

describe("a caller's address", () => {
  const spoofed = { Host: 'localhost', 'X-Forwarded-For': '203.0.113.7', Forwarded: 'for=203.0.113.8' };

  it('is that of its connection, unless a trusted proxy says another', async () => {
    await get(server, '/health/live', spoofed);
    assert.match(loggedAddress(server), /^(127\.0\.0\.1|::1)$/);
    await get(proxied, '/health/live', spoofed);
    assert.equal(loggedAddress(proxied), '203.0.113.7');
  });

  it('is the last one that no trusted proxy vouches for, whatever stands before it', async () => {
    const chain = { Host: 'localhost', 'X-Forwarded-For': '198.51.100.1, 203.0.113.7, 10.1.2.3' };
    await get(proxied, '/health/live', chain);
    assert.equal(loggedAddress(proxied), '203.0.113.7');
  });

  it('is what the person who approves a device is shown', async () => {
    for (const [at, address] of [
      [server, /^(127\.0\.0\.1|::1)$/],
      [proxied, /^203\.0\.113\.7$/],
    ] as const) {
      await askDevice(at, spoofed);
      const [row] = await at.db.query<{ address: string }>(
        sql`select payload->'deviceInfo'->>'address' as address from device_codes order by created_at desc limit 1`,
      );
      assert.match(row?.address ?? '', address);
    }
  });
});
