import type { Context } from 'koa';
import { errors } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import { sha256 } from '../secret.ts';
import { openProof, proofWindowSeconds, withoutQuery } from './dpop.ts';

/** What a proof at a resource must be about. */
export type Presented = {
  /** The access token's text, and the thumbprint of the key that it is bound to. */
  token: string;
  jkt: string;
  /** The address of the request. */
  url: string;
  /** Remembers that the proof was used; throws an error of the engine's where it has been already. */
  spend(jti: string): Promise<unknown>;
};

/** Whether the request's DPoP proof is one for this token and this request, used for the first time (RFC 9449 section 7.1). */
export async function hasProof(ctx: Context, { token, jkt, url, spend }: Presented): Promise<boolean> {
  const [text, another] = ctx.req.headersDistinct.dpop ?? [];
  if (text === undefined || another !== undefined) return false;
  try {
    const { thumbprint, claims } = await openProof(text);
    const { jti, iat, htm, htu, ath } = claims;
    const isRight =
      thumbprint === jkt &&
      htm === ctx.method &&
      withoutQuery(htu) === withoutQuery(url) &&
      typeof iat === 'number' &&
      Math.abs(epochSeconds() - iat) <= proofWindowSeconds &&
      ath === sha256(token).toString('base64url');
    if (!isRight || typeof jti !== 'string' || jti === '') return false;
    await spend(jti);
    return true;
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) return false;
    throw error;
  }
}
