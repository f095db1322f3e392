import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { configurationError } from '../config.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { deriveKey, open, seal } from '../secret.ts';

/** A key pair that signs tokens; its id is its JWK thumbprint (RFC 7638). */
export type SigningKey = {
  kid: string;
  algorithm: 'ES256';
  privateJwk: JWK;
  /** As it is published: with `kid`, `alg` and `use`. */
  publicJwk: JWK;
  createdAt: Date;
};

/**
 * The signing keys, oldest first; makes the first one where there is none. Servers that start together agree on one.
 * A master secret that does not open them is an AppError `configuration`.
 */
export async function loadSigningKeys(db: Database, masterSecret: string): Promise<SigningKey[]> {
  const sealingKey = deriveKey(masterSecret, 'signing keys');
  const keys = await listSigningKeys(db, sealingKey);
  if (keys.length > 0) return keys;
  await db.transaction(async (tx) => {
    await tx.query(sql`select pg_advisory_xact_lock(hashtextextended('signing keys', 0))`);
    const [existing] = await tx.query(sql`select 1 from signing_keys limit 1`);
    if (!existing) await addSigningKey(tx, sealingKey);
  });
  return await listSigningKeys(db, sealingKey);
}

/** The public keys as they are published; needs no master secret. */
export async function listPublicKeys(db: Database): Promise<JWK[]> {
  const rows = await db.query<{ kid: string; public_jwk: JWK }>(
    sql`select kid, public_jwk from signing_keys order by created_at, kid`,
  );
  return rows.map(({ kid, public_jwk }) => ({ ...public_jwk, kid, alg: 'ES256', use: 'sig' }));
}

async function addSigningKey(db: Database, sealingKey: Uint8Array): Promise<void> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  const { d: _, ...publicJwk } = jwk;
  await db.query(
    sql`insert into signing_keys (kid, algorithm, public_jwk, sealed_private_jwk)
        values (${kid}, 'ES256', ${JSON.stringify(publicJwk)}, ${seal(sealingKey, JSON.stringify(jwk), kid)})`,
  );
}

async function listSigningKeys(db: Database, sealingKey: Uint8Array): Promise<SigningKey[]> {
  const rows = await db.query<SigningKeyRow>(
    sql`select kid, public_jwk, sealed_private_jwk, created_at from signing_keys order by created_at, kid`,
  );
  return rows.map(({ kid, public_jwk, sealed_private_jwk, created_at }) => {
    const plain = open(sealingKey, sealed_private_jwk, kid);
    if (!plain) {
      throw configurationError([
        'POSTERN_SECRET: write the master secret that this database was set up with',
      ]);
    }
    const publicJwk = { ...public_jwk, kid, alg: 'ES256', use: 'sig' };
    return {
      kid,
      algorithm: 'ES256',
      privateJwk: JSON.parse(plain.toString()),
      publicJwk,
      createdAt: created_at,
    };
  });
}

type SigningKeyRow = { kid: string; public_jwk: JWK; sealed_private_jwk: Buffer; created_at: Date };
