import { type KeyObject, sign } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** What a key can sign with (RFC 7518 section 3.1, RFC 8037): ES256 is always there, the others where they are asked for. */
export const algorithms = ['ES256', 'EdDSA', 'RS256'] as const;

/** The name of one. */
export type Algorithm = (typeof algorithms)[number];

/** Used wherever nothing else is asked for: RS256 costs about ten times as much. */
export const defaultAlgorithm: Algorithm = 'ES256';

/** Both halves of a new key (Ed25519 for EdDSA, 2048 bits for RS256) and its name, the JWK thumbprint (RFC 7638). */
export async function createKeyPair(
  algorithm: Algorithm,
): Promise<{ kid: string; publicJwk: JWK; privateJwk: JWK }> {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(pair.publicKey), exportJWK(pair.privateKey)]);
  const kid = await calculateJwkThumbprint(publicJwk);
  // One that begins with a dash, as one in 64 does, is an unknown option to who types `postern keys revoke KID`.
  return kid.startsWith('-') ? createKeyPair(algorithm) : { kid, publicJwk, privateJwk };
}

/** A JWS signature (RFC 7515). Synchronous: handing such short work to another thread costs more than doing it. */
export function signBytes(algorithm: Algorithm, key: KeyObject, data: Uint8Array): Buffer {
  switch (algorithm) {
    case 'ES256':
      return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    case 'EdDSA':
      return sign(null, data, key);
    case 'RS256':
      return sign('sha256', data, key);
  }
}
