import type { Context } from 'koa';
import { errors } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import { sha256 } from '../secret.ts';
import { openProof, proofWindowSeconds, withoutQuery } from './dpop.ts';
import type { DpopNonces } from './dpop-nonce.ts';

/** What a proof at a resource must be about. */
export type Presented = {
  /** The access token's text, and the thumbprint of the key that it is bound to. */
  token: string;
  jkt: string;
  /** The address of the request. */
  url: string;
  nonces: DpopNonces;
  /** Whether the token's client must put one of our nonces into its proofs. */
  isNonceRequired: boolean;
  /** Remembers that the proof was used; throws an error of the engine's where it has been already. */
  spend(jti: string): Promise<unknown>;
};

/** What is wrong with the presentation of a token that is bound to a key, in the words of RFC 9449 section 7.1. */
export type ProofFault = 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce';

/**
 * Judges the request's DPoP proof: whether it is one for this token and this request, used for the first time (RFC 9449
 * section 7.1). `undefined` where nothing is wrong; `invalid_token` for a good proof by another key. As at the token
 * endpoint, a nonce of ours stands for the time, and the answer has the next one in `DPoP-Nonce` where it is needed.
 */
export async function findProofFault(ctx: Context, presented: Presented): Promise<ProofFault | undefined> {
  const { token, jkt, url, nonces, isNonceRequired, spend } = presented;
  const [text, another] = ctx.req.headersDistinct.dpop ?? [];
  if (text === undefined || another !== undefined) return 'invalid_dpop_proof';
  try {
    const { thumbprint, claims } = await openProof(text);
    const { jti, iat, nonce, htm, htu, ath } = claims;
    const isRight =
      htm === ctx.method &&
      withoutQuery(htu) === withoutQuery(url) &&
      typeof iat === 'number' &&
      (nonce === undefined || typeof nonce === 'string') &&
      ath === sha256(token).toString('base64url');
    if (!isRight || typeof jti !== 'string' || jti === '') return 'invalid_dpop_proof';
    if (thumbprint !== jkt) return 'invalid_token';
    const isRecent = Math.abs(epochSeconds() - iat) <= proofWindowSeconds;
    const isTimely = nonce ? nonces.isLive(nonce) : isRecent && !isNonceRequired;
    if (!isTimely || (nonce && nonce !== nonces.next())) ctx.set('DPoP-Nonce', nonces.next());
    if (!isTimely) return 'use_dpop_nonce';
    await spend(jti);
    return undefined;
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) return 'invalid_dpop_proof';
    throw error;
  }
}
