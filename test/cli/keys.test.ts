import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { loadKeyRing } from '../../src/keys/key-ring.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { type Outcome, runCommand } from './terminal.ts';

const newSecret = 'another-master-secret-0123456789-abcdefgh';

let db: Pool;
let env: Record<string, string>;
before(async () => {
  const { url } = await openDatabase();
  db = createPool({ url, log: testLog, max: 2 });
  env = { DATABASE_URL: url, POSTERN_SECRET: testSecret };
});
after(() => db.close());

const postern = (argv: string[], changes: Record<string, string> = {}): Promise<Outcome> =>
  runCommand(argv, { env: { ...env, ...changes } });

/** The JSON that a command prints; it must succeed. */
async function json(argv: string[], changes: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await postern([...argv, '--json'], changes);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout);
}

// biome-ignore lint/suspicious/noExplicitAny: as JSON has it
const states = (keys: any[]) => keys.map(({ alg, state }) => `${alg} ${state}`);

const isActive = ({ alg, state }: { alg: string; state: string }) => alg === 'ES256' && state === 'active';

describe('postern keys', () => {
  it('says that there are none before the first server has started', async () => {
    const { exitCode, stdout, stderr } = await postern(['keys', 'list']);
    assert.deepEqual([exitCode, stdout], [0, '']);
    assert.match(stderr, /There are no keys yet/);
  });

  it('lists keys without the master secret, and without anything that signs', async () => {
    await loadKeyRing(db, { secrets: [testSecret] });
    const [key] = await json(['keys', 'list'], { POSTERN_SECRET: '' });
    assert.deepEqual([key.alg, key.state], ['ES256', 'active']);
    const { stdout } = await postern(['keys', 'list'], { POSTERN_SECRET: '' });
    assert.match(stdout, new RegExp(`^${key.kid} +ES256 +active +\\S+Z +is replaced \\S+Z$`, 'm'));
    assert.doesNotMatch(JSON.stringify(key) + stdout, /"d"|private/);
  });

  it('rotates: the next key is published first, and says from when it signs', async () => {
    const keys = await json(['keys', 'rotate']);
    assert.deepEqual(states(keys), ['ES256 active', 'ES256 pending']);
    const [, pending] = keys;
    assert.equal(Date.parse(pending.signs_from) - Date.parse(pending.published_at), 360_000);
    assert.deepEqual(await json(['keys', 'rotate']), keys, 'a second call changes nothing');
  });

  it('rotates at once where that is asked for; the key before retires', async () => {
    const [active, pending] = await json(['keys', 'list']);
    const keys = await json(['keys', 'rotate', '--now']);
    assert.deepEqual(states(keys), ['ES256 retiring', 'ES256 active']);
    assert.deepEqual([keys[0].kid, keys[1].kid], [active.kid, pending.kid]);
    assert.match((await postern(['keys', 'list'])).stdout, /retiring +\S+Z +published until \S+Z/);
  });

  it('makes keys for another algorithm when a resource asks for it, and knows no others', async () => {
    const resource = ['resource', 'add', '--uri', 'https://api.example.com', '--name', 'API'];
    assert.equal((await postern([...resource, '--format', 'jwt', '--alg', 'EdDSA'])).exitCode, 0);
    const ring = await loadKeyRing(db, { secrets: [testSecret] });
    assert.ok(ring.active('EdDSA'));
    const keys = await json(['keys', 'rotate', '--algorithm', 'EdDSA']);
    assert.deepEqual(states(keys), ['ES256 retiring', 'ES256 active', 'EdDSA active', 'EdDSA pending']);
    const unused = await postern(['keys', 'rotate', '--algorithm', 'RS256']);
    assert.deepEqual([unused.exitCode, /no resource whose JWTs RS256 signs/.test(unused.stderr)], [1, true]);
    const wrong = await postern(['keys', 'rotate', '--algorithm', 'none']);
    assert.deepEqual([wrong.exitCode, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /ES256, EdDSA, RS256/);
  });

  it('revokes only when told so, and says first what that breaks', async () => {
    const active = (await json(['keys', 'list'])).find(isActive);
    const unused = await postern(['keys', 'revoke', active.kid]);
    assert.match(unused.stderr, /It has signed no JWT yet/);
    await db.query(
      sql`update signing_keys set needed_until = now() + interval '1 hour' where kid = ${active.kid}`,
    );
    const asked = await postern(['keys', 'revoke', active.kid]);
    assert.deepEqual([asked.exitCode, asked.stdout], [2, '']);
    assert.match(
      asked.stderr,
      /Every JWT that it has signed, some until .+, is refused .+ within 300 seconds/,
    );
    assert.match(asked.stderr, /--yes/);
    const keys = await json(['keys', 'revoke', active.kid, '--yes']);
    assert.deepEqual(states(keys), ['ES256 retiring', 'EdDSA active', 'EdDSA pending', 'ES256 active']);
    assert.ok(!keys.some(({ kid }: { kid: string }) => kid === active.kid));
    const listed = await json(['keys', 'list']);
    assert.equal(listed.find(({ kid }: { kid: string }) => kid === active.kid).state, 'revoked');
    const again = await postern(['keys', 'revoke', active.kid, '--yes']);
    assert.deepEqual([again.exitCode, /was revoked at/.test(again.stderr)], [1, true]);
    const unknown = await postern(['keys', 'revoke', 'unknown', '--yes']);
    assert.deepEqual([unknown.exitCode, /There is no key unknown/.test(unknown.stderr)], [1, true]);
  });

  it('changes nothing without the master secret of the servers', async () => {
    const before = await json(['keys', 'list']);
    const active = before.find(isActive);
    for (const secret of ['', newSecret]) {
      for (const argv of [
        ['keys', 'rotate', '--now'],
        ['keys', 'revoke', active.kid, '--yes'],
        ['secret', 'rotate'],
      ]) {
        const { exitCode, stderr } = await postern(argv, { POSTERN_SECRET: secret });
        assert.equal(exitCode, 78, stderr);
        assert.match(stderr, /POSTERN_SECRET/);
      }
    }
    assert.deepEqual(await json(['keys', 'list']), before);
  });
});

describe('postern secret rotate', () => {
  it('seals everything under the new secret, once', async () => {
    const both = { POSTERN_SECRET: newSecret, POSTERN_PREVIOUS_SECRET: testSecret };
    const first = await postern(['secret', 'rotate'], both);
    assert.equal(first.exitCode, 0, first.stderr);
    assert.match(first.stderr, /Sealed 3 signing keys and the key of the audit log under the present secret/);
    assert.match(first.stderr, /POSTERN_PREVIOUS_SECRET is needed for one more hour/);
    assert.deepEqual(await json(['secret', 'rotate'], both), {
      signing_keys: 0,
      audit_keys: 0,
      totp_secrets: 0,
      client_secrets: 0,
      mails: 0,
    });
    await loadKeyRing(db, { secrets: [newSecret] });
    await assert.rejects(loadKeyRing(db, { secrets: [testSecret] }), { code: 'configuration' });
    const names = await db.query(
      sql`select distinct sealed_by from signing_keys where sealed_by is not null`,
    );
    assert.equal(names.length, 1);
  });
});
