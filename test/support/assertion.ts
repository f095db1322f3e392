import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Registration } from '../../src/clients/registration.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { randomText } from '../../src/secret.ts';
import { secondsFromNow } from './proof.ts';
import { registerClient } from './registration.ts';

/** A client that authenticates by private_key_jwt, with its key. */
export type KeyHolder = {
  id: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
  /** A fresh assertion for an audience (RFC 7523 section 3); `changes` tells it from an honest one. */
  assert(audience: string, changes?: JWTPayload): Promise<string>;
  /** The parameters that a fresh assertion is sent in (RFC 7521 section 4.2). */
  credentials(audience: string): Promise<Record<string, string>>;
};

/** Registers a client with a key of its own that is like `demo-machine`, except for what is said. */
export async function registerKeyHolder(
  db: Database,
  changes: Partial<Registration> = {},
): Promise<KeyHolder> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid: randomText(8) };
  const { id } = await registerClient(db, {
    authentication: 'private_key_jwt',
    jwks: { keys: [publicJwk] },
    ...changes,
  });
  const holder: KeyHolder = {
    id,
    privateKey,
    publicJwk,
    assert(aud, given = {}) {
      const now = secondsFromNow(0);
      const claims = { iss: id, sub: id, aud, jti: randomText(), iat: now, exp: now + 60, ...given };
      return new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    },
    async credentials(audience) {
      return {
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await holder.assert(audience),
      };
    },
  };
  return holder;
}
