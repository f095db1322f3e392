import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { Provider } from 'oidc-provider';
import { type Algorithm, algorithms } from '../../src/keys/algorithm.ts';
import { type KeyRing, loadKeyRing } from '../../src/keys/key-ring.ts';
import { rotateKeys } from '../../src/keys/rotation.ts';
import { createAdapter } from '../../src/oauth/adapter.ts';
import { Signer } from '../../src/oauth/signer.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat, deriveKeys } from '../../src/secret.ts';
import { openDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';

const issuer = 'http://localhost:8628';
const audience = 'https://api.example.com';

const secrets = [testSecret] as const;

let db: Pool;
let ring: KeyRing;
before(async () => {
  db = createPool({ url: (await openDatabase()).url, log: testLog, max: 3 });
  ring = await loadKeyRing(db, { secrets });
  await db.query(sql`
    insert into resources (uri, name, access_token_format, access_token_algorithm)
    select 'https://api.example.com/' || each, each, 'jwt', each from unnest(${algorithms}::text[]) as each`);
  await rotateKeys(db, { secrets, algorithm: 'ES256', isImmediate: true });
  await rotateKeys(db, { secrets, isImmediate: false });
  await ring.refresh();
});
after(() => db.close());

function createEngine({ keys }: Pick<KeyRing, 'keys'>): Provider {
  const adapter = createAdapter(db, {
    format: createTokenFormat('pst'),
    userCodeKeys: deriveKeys(secrets, 'user codes'),
  });
  return new Provider(issuer, {
    adapter,
    ttl: { ClientCredentials: 7_200 },
    jwks: { keys: keys().map((key) => new Signer(key)) },
    clients: [
      {
        client_id: 'machine',
        client_secret: 'secret',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    },
  });
}

async function issueJwt(engine: Provider, algorithm: Algorithm): Promise<string> {
  const client = await engine.Client.find('machine');
  assert.ok(client);
  const token = new engine.ClientCredentials({ client, scope: 'read' } as never);
  token.resourceServer = new engine.ResourceServer(audience, {
    scope: 'read',
    audience,
    accessTokenFormat: 'jwt',
    accessTokenTTL: 7_200,
    jwt: { sign: { alg: algorithm } },
  });
  return await token.save();
}

describe('the engine', () => {
  it('signs JWTs with the active key of each algorithm, which jose verifies with the published keys', async () => {
    const engine = createEngine(ring);
    const keys = ring.publicKeys();
    for (const algorithm of algorithms) {
      const jwt = await issueJwt(engine, algorithm);
      const { payload } = await jwtVerify(jwt, createLocalJWKSet(keys as JSONWebKeySet), {
        issuer,
        audience,
        typ: 'at+jwt',
        algorithms: [algorithm],
      });
      assert.equal(decodeProtectedHeader(jwt).kid, ring.active(algorithm)?.kid);
      // What it has signed is what the key is kept for.
      const [row] = await db.query<{ kept: boolean }>(
        sql`select needed_until >= to_timestamp(${payload.exp}) as kept from signing_keys
            where kid = ${ring.active(algorithm)?.kid}`,
      );
      assert.equal(row?.kept, true);
    }
  });

  it('never gets to see a private key', () => {
    for (const key of ring.keys()) {
      const signer = new Signer(key);
      assert.equal(signer.keyObject().type, 'public');
      assert.equal('d' in signer, false);
      assert.deepEqual([signer.kid, signer.alg, signer.use], [key.kid, key.algorithm, 'sig']);
    }
  });

  it('signs nothing with a key that is pending or retiring', () => {
    const idle = ring.keys().filter(({ state }) => state !== 'active');
    assert.deepEqual(
      idle.map(({ state }) => state),
      ['pending', 'pending', 'pending', 'retiring'],
    );
    for (const key of idle)
      assert.throws(() => new Signer(key).sign(Buffer.from('e30.e30')), { code: 'internal' });
  });
});
