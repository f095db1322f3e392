import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** The private key that a sign-in's tokens are bound to, as a JWK for ES256 (RFC 7517, RFC 7518 section 6.2). */
export type ProofKey = { kty: 'EC'; crv: 'P-256'; x: string; y: string; d: string };

/** The request that a proof is for: the token that it carries, and the nonce that its server asked for. */
export type ProvenRequest = { method: string; url: URL; accessToken: string; nonce?: string | undefined };

/** A new key from the system's random source. */
export function createProofKey(): ProofKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'jwk' }) as ProofKey;
}

/** The value of the `DPoP` header for one request to an API (RFC 9449 section 4.2). */
export function createProof(key: ProofKey, request: ProvenRequest, clock: Clock): string {
  const { kty, crv, x, y } = key;
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
  const claims = {
    jti: randomUUID(),
    htm: request.method,
    htu: request.url.origin + request.url.pathname,
    iat: Math.floor(clock.now().getTime() / 1000),
    ath: createHash('sha256').update(request.accessToken).digest('base64url'),
    nonce: request.nonce,
  };
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(signed), {
    key: createPrivateKey({ key, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}

/** A key out of parsed JSON, or `undefined` where it is not one. */
export function parseProofKey(value: unknown): ProofKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kty, crv, x, y, d } = value as Record<string, unknown>;
  if (kty !== 'EC' || crv !== 'P-256') return undefined;
  if (typeof x !== 'string' || typeof y !== 'string' || typeof d !== 'string') return undefined;
  return { kty, crv, x, y, d };
}
