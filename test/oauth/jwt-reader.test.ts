import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type KeyRing, loadKeyRing, type SigningKey } from '../../src/keys/key-ring.ts';
import { rotateKeys } from '../../src/keys/rotation.ts';
import { createJwtReader } from '../../src/oauth/jwt.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { openDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';

const issuer = 'https://login.example.com';
const change = { secrets: [testSecret] as const };

let db: Pool;
let here: KeyRing;
let there: KeyRing;
let read: ReturnType<typeof createJwtReader>;
before(async () => {
  db = createPool({ url: (await openDatabase()).url, log: testLog, max: 3 });
  [here, there] = [await loadKeyRing(db, change), await loadKeyRing(db, change)];
  read = createJwtReader(issuer, here.publicKeys, here.refresh);
});
after(() => db.close());

async function sign(key: SigningKey | undefined, kid = key?.kid): Promise<string> {
  assert.ok(key);
  const claims = { iss: issuer, jti: 'one', sub: 'm', aud: 'api', iat: 1, exp: 2, client_id: 'm' };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'ES256', typ: 'at+jwt', kid })}.${encode(claims)}`;
  return `${input}.${(await key.sign(Buffer.from(input))).toString('base64url')}`;
}

describe('reading a JWT', () => {
  it('knows the key that another server has begun to sign with a moment ago', async () => {
    await rotateKeys(db, { ...change, isImmediate: true });
    await there.refresh();
    const key = there.active('ES256');
    assert.ok(!here.keys().some(({ kid }) => kid === key?.kid));
    assert.equal((await read(await sign(key)))?.jti, 'one');
  });

  it('refuses one of a key that nobody knows, however many come at once, with few readings', async (t) => {
    const foreign = await sign(there.active('ES256'), 'unknown');
    const query = t.mock.method(db, 'query');
    const claims = await Promise.all(Array.from({ length: 50 }, () => read(foreign)));
    assert.ok(claims.every((each) => each === undefined));
    assert.ok(query.mock.callCount() <= 2, String(query.mock.callCount()));
  });
});
