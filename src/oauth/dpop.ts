import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, jwtVerify } from 'jose';
import { type Client as EngineClient, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import { registrationOf } from './client-store.ts';
import type { DpopNonces } from './dpop-nonce.ts';

/** A DPoP proof (RFC 9449 section 4.2) that has been checked: whose key, and what it can be told from others by. */
export type Proof = { thumbprint: string; jti: string };

/** The algorithms that proofs may be signed with. */
export const proofAlgorithms = ['ES256' as const, 'Ed25519' as const, 'EdDSA' as const];

/** How far the `iat` of a proof without a nonce may be from now, behind or ahead: the engine's bound. */
export const proofWindowSeconds = 300;

/** Whether a client must put one of our nonces into its proofs. */
export function isNonceRequired(client: EngineClient): boolean {
  return registrationOf(client).requireDpopNonce === true;
}

/**
 * Checks the request's DPoP proof as RFC 9449 section 4.3 says, by the rules that the engine has at its token endpoint,
 * and sets `DPoP-Nonce` where the client needs a newer one. `undefined` when there is no proof. Spends nothing.
 */
export async function readProof(ctx: KoaContextWithOIDC, nonces: DpopNonces): Promise<Proof | undefined> {
  const text = ctx.get('DPoP');
  if (text === '') return undefined;
  const { thumbprint, claims } = await openProof(text);
  const { jti, iat, nonce, htm, htu } = claims;
  if (typeof jti !== 'string' || jti === '') throw new errors.InvalidDpopProof('the proof has no jti');
  if (typeof iat !== 'number') throw new errors.InvalidDpopProof('the proof has no iat');
  if (nonce !== undefined && typeof nonce !== 'string')
    throw new errors.InvalidDpopProof('the nonce of the proof is no text');
  if (htm !== ctx.method) throw new errors.InvalidDpopProof('the proof is for another method (htm)');
  if (withoutQuery(htu) !== new URL(ctx.oidc.urlFor(ctx.oidc.route)).href)
    throw new errors.InvalidDpopProof('the proof is for another address (htu)');

  const isRecent = Math.abs(epochSeconds() - iat) <= proofWindowSeconds;
  if (nonce ? !nonces.isLive(nonce) : !isRecent || isNonceRequired(ctx.oidc.client as EngineClient)) {
    ctx.set('DPoP-Nonce', nonces.next());
    throw new errors.UseDpopNonce('put the nonce of this answer into the proof');
  }
  if (nonce !== nonces.next()) ctx.set('DPoP-Nonce', nonces.next());
  return { thumbprint, jti };
}

/** Whether the text is a proof with this `jti`. Says nothing about its validity. */
export function isProofCalled(text: string, jti: string): boolean {
  try {
    return decodeJwt(text).jti === jti;
  } catch {
    return false;
  }
}

/** The claims of a proof that its own key has signed, and whose key that is. Checks nothing else. */
export async function openProof(
  text: string,
): Promise<{ thumbprint: string; claims: Record<string, unknown> }> {
  try {
    const { payload, protectedHeader } = await jwtVerify(text, EmbeddedJWK, {
      algorithms: proofAlgorithms,
      typ: 'dpop+jwt',
    });
    return { thumbprint: await calculateJwkThumbprint(protectedHeader.jwk ?? {}), claims: payload };
  } catch (cause) {
    throw new errors.InvalidDpopProof('the proof is no JWT that the key in its header has signed', { cause });
  }
}

/** The address in an `htu`, without query and fragment (RFC 9449 section 4.3); `undefined` for what is none. */
export function withoutQuery(htu: unknown): string | undefined {
  const url = typeof htu === 'string' ? URL.parse(htu) : null;
  if (!url) return undefined;
  url.search = '';
  url.hash = '';
  return url.href;
}
