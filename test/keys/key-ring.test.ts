import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { compactVerify } from 'jose';
import { type Algorithm, algorithms, createKeyPair } from '../../src/keys/algorithm.ts';
import { type KeyRing, loadKeyRing } from '../../src/keys/key-ring.ts';
import { resealKeys, revokeKey, rotateKeys } from '../../src/keys/rotation.ts';
import { removeOldKeys } from '../../src/keys/signing-key.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import type { MasterSecrets } from '../../src/secret.ts';
import { openDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';

const pools: Pool[] = [];
after(() => Promise.all(pools.map((pool) => pool.close())));

const secrets: MasterSecrets = [testSecret];
const newSecret = 'another-master-secret-0123456789-abcdefgh';
const hour = 3_600;

function connect(url: string): Pool {
  const pool = createPool({ url, log: testLog, max: 3 });
  pools.push(pool);
  return pool;
}

const open = async () => connect((await openDatabase()).url);

/** Moves everything that has happened to the keys into the past. */
async function age(db: Pool, seconds: number): Promise<void> {
  const earlier = sql`make_interval(secs => ${seconds})`;
  await db.query(sql`
    update signing_keys set created_at = created_at - ${earlier}, activated_at = activated_at - ${earlier},
      retired_at = retired_at - ${earlier}, needed_until = needed_until - ${earlier}`);
}

/** Registers a resource for each algorithm. */
async function askForAll(db: Pool): Promise<void> {
  await db.query(sql`
    insert into resources (uri, name, access_token_format, access_token_algorithm)
    select 'https://api.example.com/' || each, each, 'jwt', each from unnest(${algorithms}::text[]) as each`);
}

/** Signs a JWT that expires in `seconds`, and returns it. */
async function issue(ring: KeyRing, seconds: number, algorithm: Algorithm = 'ES256'): Promise<string> {
  const key = ring.active(algorithm);
  assert.ok(key, `no active key for ${algorithm}`);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const input = `${encode({ alg: algorithm, kid: key.kid })}.${encode({ sub: 'somebody', exp })}`;
  return `${input}.${(await key.sign(Buffer.from(input))).toString('base64url')}`;
}

const states = (ring: KeyRing) => ring.keys().map(({ algorithm, state }) => `${algorithm} ${state}`);

describe('the key ring', () => {
  it('makes an ES256 key at the first start that is the same from then on', async () => {
    const db = await open();
    const [first, ...others] = (await loadKeyRing(db, { secrets })).keys();
    assert.deepEqual([first?.algorithm, first?.state, others.length], ['ES256', 'active', 0]);
    assert.equal((await loadKeyRing(db, { secrets })).active('ES256')?.kid, first?.kid);
  });

  it('agrees on one key, however many servers start at once', async () => {
    const { url } = await openDatabase();
    const rings = await Promise.all(Array.from({ length: 10 }, () => loadKeyRing(connect(url), { secrets })));
    const ids = new Set(rings.flatMap((ring) => ring.keys().map(({ kid }) => kid)));
    assert.deepEqual([rings.flatMap((ring) => ring.keys()).length, ids.size], [10, 1]);
  });

  it('adds one successor, however many servers find at once that it is time', async () => {
    const { url } = await openDatabase();
    const rings = await Promise.all(Array.from({ length: 10 }, () => loadKeyRing(connect(url), { secrets })));
    const db = connect(url);
    for (const [seconds, expected] of [
      [91 * 86_400, ['ES256 active', 'ES256 pending']],
      [hour, ['ES256 active', 'ES256 retiring']],
    ] as const) {
      await age(db, seconds);
      await Promise.all(rings.map((ring) => ring.refresh()));
      for (const ring of rings) assert.deepEqual(states(ring), expected);
      assert.equal(new Set(rings.map((ring) => ring.active('ES256')?.kid)).size, 1);
    }
  });

  it('signs with each algorithm what the published half verifies', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    assert.equal(ring.active('RS256'), undefined);
    await askForAll(db);
    await ring.refresh();
    assert.deepEqual(states(ring), ['ES256 active', 'EdDSA active', 'RS256 active']);
    for (const algorithm of algorithms) {
      const token = await issue(ring, 60, algorithm);
      const key = ring.active(algorithm);
      assert.ok(key);
      await compactVerify(token, key.publicKey, { algorithms: [algorithm] });
      assert.ok(!('d' in key.publicJwk));
    }
  });

  it('publishes a key before it signs, and signs with the old one meanwhile', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    const old = ring.active('ES256')?.kid;
    await rotateKeys(db, { secrets, isImmediate: false });
    await rotateKeys(db, { secrets, isImmediate: false });
    for (const seconds of [0, 300, 30]) {
      await age(db, seconds);
      await ring.refresh();
      assert.deepEqual(states(ring), ['ES256 active', 'ES256 pending']);
      assert.equal(ring.active('ES256')?.kid, old);
    }
    await age(db, 31);
    await ring.refresh();
    assert.deepEqual(states(ring), ['ES256 active', 'ES256 retiring']);
    assert.notEqual(ring.active('ES256')?.kid, old);
  });

  it('keeps a key published until the last token it signed has expired', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    const old = ring.active('ES256');
    await issue(ring, 10 * hour);
    await issue(ring, 60);
    await rotateKeys(db, { secrets, isImmediate: true });
    await ring.refresh();
    for (const [seconds, expected] of [
      [10 * hour - 60, 2],
      [360, 2],
      [hour, 1],
    ] as const) {
      await age(db, seconds);
      await ring.refresh();
      assert.equal(ring.keys().length, expected);
    }
    assert.ok(!ring.keys().some(({ kid }) => kid === old?.kid));
  });

  it('keeps it also for what a server signs that has not heard of the rotation', async () => {
    const { url } = await openDatabase();
    const [here, there] = await Promise.all([
      loadKeyRing(connect(url), { secrets }),
      loadKeyRing(connect(url), { secrets }),
    ]);
    const db = connect(url);
    await rotateKeys(db, { secrets, isImmediate: true });
    await here.refresh();
    const late = await issue(there, 20 * hour);
    await age(db, 19 * hour);
    await here.refresh();
    assert.deepEqual(states(here), ['ES256 active', 'ES256 retiring']);
    await compactVerify(late, here.keys()[1]?.publicKey as never);
  });

  it('writes once an hour, not once a token, until when a key is needed', async (t) => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    const query = t.mock.method(db, 'query');
    await Promise.all(Array.from({ length: 20 }, () => issue(ring, 900)));
    for (let count = 0; count < 20; count += 1) await issue(ring, 900 + count);
    assert.equal(query.mock.callCount(), 1);
    await issue(ring, 900 + 2 * hour);
    assert.equal(query.mock.callCount(), 2);
  });

  it('drops a revoked key at once, and its successor signs at once', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    const stolen = ring.active('ES256')?.kid ?? '';
    await issue(ring, 365 * 86_400);
    assert.equal(await revokeKey(db, stolen, { secrets }), true);
    await ring.refresh();
    assert.deepEqual(states(ring), ['ES256 active']);
    assert.notEqual(ring.active('ES256')?.kid, stolen);
    assert.equal(await revokeKey(db, stolen, { secrets }), false);
    assert.equal(await revokeKey(db, 'unknown', { secrets }), false);
  });

  it('prefers the key that has been published already as the successor of a revoked one', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    await rotateKeys(db, { secrets, isImmediate: false });
    await ring.refresh();
    const [active, pending] = ring.keys();
    await revokeKey(db, active?.kid ?? '', { secrets });
    await ring.refresh();
    assert.equal(ring.active('ES256')?.kid, pending?.kid);
  });

  it('tells listeners when a key has come, gone or changed, and not otherwise', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    let count = 0;
    ring.onChange(() => {
      count += 1;
    });
    await issue(ring, 900);
    await ring.refresh();
    await ring.refresh();
    assert.equal(count, 0);
    await rotateKeys(db, { secrets, isImmediate: false });
    await ring.refresh();
    await ring.refresh();
    assert.equal(count, 1);
  });

  it('forgets a key a year after it was over', async () => {
    const db = await open();
    await loadKeyRing(db, { secrets });
    await rotateKeys(db, { secrets, isImmediate: true });
    for (const [days, expected] of [
      [364, 2],
      [3, 1],
    ] as const) {
      await db.query(sql`
        update signing_keys set retired_at = retired_at - make_interval(days => ${days}),
          activated_at = activated_at - make_interval(days => ${days}),
          needed_until = needed_until - make_interval(days => ${days}) where retired_at is not null`);
      await removeOldKeys(db);
      assert.equal((await db.query(sql`select from signing_keys`)).length, expected);
    }
  });
});

describe('a new signing key', () => {
  it('has an id that a command line never takes for an option', async () => {
    for (let made = 0; made < 400; made++) assert.match((await createKeyPair('EdDSA')).kid, /^\w[\w-]{42}$/);
  });
});

describe('a stored signing key', () => {
  it('cannot be read from the database without the master secret', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    await askForAll(db);
    await ring.refresh();
    const rows = await db.query<{ text: string; sealed: Buffer; public_jwk: object }>(
      sql`select signing_keys::text as text, sealed_private_jwk as sealed, public_jwk from signing_keys`,
    );
    assert.equal(rows.length, 3);
    for (const { text, sealed, public_jwk } of rows) {
      for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) assert.ok(!(name in public_jwk), name);
      for (const clear of [text, sealed.toString('latin1')]) assert.doesNotMatch(clear, /"(d|p|q|dp|dq|qi)"/);
    }
  });

  it('has no private half any more when it has retired or is revoked', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    await rotateKeys(db, { secrets, isImmediate: true });
    await revokeKey(db, ring.active('ES256')?.kid ?? '', { secrets });
    await ring.refresh();
    await revokeKey(db, ring.active('ES256')?.kid ?? '', { secrets });
    const rows = await db.query<{ over: boolean; sealed: boolean }>(
      sql`select coalesce(retired_at, revoked_at) is not null as over, sealed_private_jwk is not null as sealed
          from signing_keys`,
    );
    assert.equal(rows.length, 3);
    for (const { over, sealed } of rows) assert.equal(sealed, !over);
  });

  it('is refused when a row was altered or put under another id', async () => {
    const db = await open();
    await loadKeyRing(db, { secrets });
    await db.query(sql`update signing_keys set kid = 'another'`);
    await assert.rejects(loadKeyRing(db, { secrets }), { code: 'configuration' });
  });

  it('is refused with another master secret, with which nobody can make or revoke one either', async () => {
    const db = await open();
    const ring = await loadKeyRing(db, { secrets });
    const kid = ring.active('ES256')?.kid ?? '';
    const change = { secrets: [newSecret] as const };
    const refusal = { code: 'configuration', exitCode: 78, message: /POSTERN_SECRET/ };
    await assert.rejects(loadKeyRing(db, change), refusal);
    await assert.rejects(rotateKeys(db, { ...change, isImmediate: false }), refusal);
    await assert.rejects(revokeKey(db, kid, change), refusal);
    await assert.rejects(resealKeys(db, [newSecret]), refusal);
    await ring.refresh();
    assert.deepEqual(states(ring), ['ES256 active']);
  });

  it('opens under two master secrets while one follows the other, and under the new one alone when resealed', async () => {
    const db = await open();
    const before = await loadKeyRing(db, { secrets });
    await rotateKeys(db, { secrets, isImmediate: false });
    const both: MasterSecrets = [newSecret, testSecret];
    const during = await loadKeyRing(db, { secrets: both });
    assert.equal(during.active('ES256')?.kid, before.active('ES256')?.kid);
    assert.equal(await resealKeys(db, both), 2);
    assert.equal(await resealKeys(db, both), 0);
    const afterwards = await loadKeyRing(db, { secrets: [newSecret] });
    const token = await issue(afterwards, 60);
    await compactVerify(token, before.keys()[0]?.publicKey as never);
    await assert.rejects(loadKeyRing(db, { secrets }), { code: 'configuration' });
  });

  it('that was sealed before secrets had names is found and resealed', async () => {
    const db = await open();
    await loadKeyRing(db, { secrets });
    await db.query(sql`update signing_keys set sealed_by = null`);
    assert.equal(await resealKeys(db, secrets), 1);
  });
});
