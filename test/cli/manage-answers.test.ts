import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { EmbeddedJWK, jwtVerify } from 'jose';
import { accountTokens } from '../../src/cli/account.ts';
import { openCredentials } from '../../src/cli/credentials.ts';
import { createProofKey } from '../../src/cli/proof-key.ts';
import { systemClock } from '../../src/clock.ts';
import { sha256 } from '../../src/secret.ts';
import { inHome } from './signed-in.ts';
import { makeHome } from './terminal.ts';

const me = { id: 'x', kind: 'person', presented: 'access_token', organizations: [], permissions: {} };

/** Somebody who is signed in at a server of another make, which answers so. */
async function signedInAt(t: TestContext, answer: (req: IncomingMessage, res: ServerResponse) => void) {
  const asked: IncomingMessage[] = [];
  const server = createServer((req, res) => {
    asked.push(req);
    answer(req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = await makeHome(t);
  await openCredentials(env).add({
    issuer,
    client_id: 'cli',
    resource: `${issuer}/api`,
    token_endpoint: `${issuer}/oauth/token`,
    ...accountTokens({ access_token: 'pst_at_x', token_type: 'dpop' }, { scope: '' }, systemClock.now()),
    dpop_key: createProofKey(),
  });
  return { issuer, asked, run: inHome(env).run };
}

describe('a command on the management API', () => {
  it('proves each request by its key, with the nonce that the server asks for', async (t) => {
    const { issuer, asked, run } = await signedInAt(t, (_, res) => {
      const isFirst = asked.length === 1;
      res.writeHead(isFirst ? 401 : 200, {
        'content-type': 'application/json',
        ...(isFirst && { 'www-authenticate': 'DPoP error="use_dpop_nonce"' }),
        'dpop-nonce': 'n1',
      });
      res.end(JSON.stringify(isFirst ? {} : me));
    });
    assert.equal((await run('me')).exitCode, 0);
    const proofs = await Promise.all(
      asked.map(({ headers }) => jwtVerify(String(headers.dpop), EmbeddedJWK, { typ: 'dpop+jwt' })),
    );
    assert.deepEqual(
      proofs.map(({ payload: { htm, htu, ath, nonce } }) => ({ htm, htu, ath, nonce })),
      [undefined, 'n1'].map((nonce) => ({
        htm: 'GET',
        htu: `${issuer}/api/v1/users/me`,
        ath: sha256('pst_at_x').toString('base64url'),
        nonce,
      })),
    );
    assert.equal(new Set(proofs.map(({ payload }) => payload.jti)).size, 2);
    assert.equal(asked[1]?.headers.authorization, 'DPoP pst_at_x');
  });

  it('shows its credential to nobody that the server points to', async (t) => {
    const { issuer, asked, run } = await signedInAt(t, (_, res) => {
      res.writeHead(307, { location: '/elsewhere' }).end();
    });
    const { exitCode, stderr } = await run('me');
    assert.equal(asked.length, 1);
    assert.equal(exitCode, 1);
    assert.equal(stderr, `postern: ${issuer} answers 307, and not as a management API would\n`);
  });

  it('does not wait longer than a minute and a half', async (t) => {
    const { asked, run } = await signedInAt(t, (_, res) => {
      res.writeHead(429, { 'retry-after': '3600', 'content-type': 'application/problem+json' });
      res.end(JSON.stringify({ status: 429, detail: 'Too many requests' }));
    });
    const { exitCode, stderr } = await run('me');
    assert.equal(asked.length, 1);
    assert.deepEqual([exitCode, stderr], [1, 'postern: Too many requests; try again in 1 hour\n']);
  });

  it('does not follow a list that has no end, or is none', async (t) => {
    const item = { user_id: 'x', email: 'x@example.com', role: 'member', disabled: false, joined_at: 'now' };
    const lists: [(page: number) => unknown, string][] = [
      [() => ({ items: [item], next_cursor: 'again' }), 'its list does not end'],
      [(page) => ({ items: [item], next_cursor: `${page % 3}` }), 'its list does not end'],
      [(page) => ({ items: [], next_cursor: `${page}` }), 'its list does not end'],
      [() => ({ items: [null] }), 'its list is none'],
      [() => ({ items: 'all' }), 'its list is none'],
      [() => ({ items: [item], next_cursor: 7 }), 'its list is none'],
      [() => null, 'its list is none'],
      [() => ({ items: [{ ...item, email: 'x'.repeat(17_000_000) }] }), 'its answer is too long'],
    ];
    let answer = lists[0]?.[0];
    const { issuer, asked, run } = await signedInAt(t, (_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify(answer?.(asked.length)));
    });
    for (const [list, words] of lists) {
      answer = list;
      const { exitCode, stderr } = await run('members', 'list');
      assert.deepEqual(
        [exitCode, stderr],
        [1, `postern: ${issuer} does not answer as a management API would: ${words}\n`],
      );
    }
    assert.ok(asked.length < 20, `${asked.length}`);
  });

  it('lets no answer draw on the terminal', async (t) => {
    const { run } = await signedInAt(t, (_, res) => {
      res.writeHead(422, { 'content-type': 'application/problem+json' });
      const errors = [{ pointer: '#/na\u001b[31mme/%zz/~1', detail: 'no\u001b]0;x\u0007\n' }];
      res.end(JSON.stringify({ detail: 'bad\u001b[2J\r', errors }));
    });
    const { stderr } = await run('members', 'invite', 'a@example.com');
    assert.doesNotMatch(stderr.replaceAll('\n', ''), /\p{Cc}/u);
  });
});
