import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { compactVerify, importJWK, SignJWT } from 'jose';
import { loadSigningKeys } from '../../src/keys/signing-key.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openDatabase } from '../support/postgres.ts';
import { startServer, testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';

const pools: Pool[] = [];
after(() => Promise.all(pools.map((pool) => pool.close())));

function connect(url: string): Pool {
  const pool = createPool({ url, log: testLog, max: 3 });
  pools.push(pool);
  return pool;
}

describe('the signing key', () => {
  it('is made at the first start and is the same from then on', async () => {
    const db = connect((await openDatabase()).url);
    const [first, ...others] = await loadSigningKeys(db, testSecret);
    assert.deepEqual(others, []);
    assert.equal(first?.algorithm, 'ES256');
    assert.deepEqual(await loadSigningKeys(db, testSecret), [first]);
  });

  it('is one, however many servers start at once', async () => {
    const { url } = await openDatabase();
    const loaded = await Promise.all(
      Array.from({ length: 10 }, () => loadSigningKeys(connect(url), testSecret)),
    );
    const ids = new Set(loaded.flat().map(({ kid }) => kid));
    assert.deepEqual([loaded.flat().length, ids.size], [10, 1]);
  });

  it('signs what its published half verifies', async () => {
    const db = connect((await openDatabase()).url);
    const [key] = await loadSigningKeys(db, testSecret);
    const [row] = await db.query<{ public_jwk: object }>(sql`select public_jwk from signing_keys`);
    assert.ok(key && row);
    const signed = await new SignJWT({ sub: 'somebody' })
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid })
      .sign(await importJWK(key.privateJwk, 'ES256'));
    await compactVerify(signed, await importJWK(row.public_jwk, 'ES256'));
  });

  it('cannot be read from the database without the master secret', async () => {
    const db = connect((await openDatabase()).url);
    const [key] = await loadSigningKeys(db, testSecret);
    const [row] = await db.query<{ text: string; sealed: Buffer; public_jwk: object }>(
      sql`select signing_keys::text as text, sealed_private_jwk as sealed, public_jwk from signing_keys`,
    );
    const secretPart = key?.privateJwk.d;
    assert.ok(secretPart && row);
    assert.ok(!('d' in row.public_jwk));
    for (const text of [row.text, row.sealed.toString('latin1')]) {
      assert.ok(!text.includes(secretPart));
      assert.ok(!text.includes(Buffer.from(secretPart, 'base64url').toString('latin1')));
      assert.ok(!text.includes('"d"'));
    }
  });

  it('is refused, and no second one made, with another master secret', async () => {
    const { url } = await openDatabase();
    const db = connect(url);
    await loadSigningKeys(db, testSecret);
    const other = 'another-master-secret-0123456789-abcdefgh';
    const refusal = { code: 'configuration', exitCode: 78, message: /POSTERN_SECRET/ };
    await assert.rejects(loadSigningKeys(db, other), refusal);
    await assert.rejects(startServer({ databaseUrl: url, settings: { POSTERN_SECRET: other } }), refusal);
    assert.equal((await db.query(sql`select from signing_keys`)).length, 1);
  });

  it('is refused when a row was altered or put under another id', async () => {
    const db = connect((await openDatabase()).url);
    await loadSigningKeys(db, testSecret);
    await db.query(sql`update signing_keys set kid = 'another'`);
    await assert.rejects(loadSigningKeys(db, testSecret), { code: 'configuration' });
  });
});
