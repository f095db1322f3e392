import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';

/** An assertion that could be used longer than this is refused (RFC 7523 section 3): its `jti` must be kept as long. */
const longestSeconds = 600;

/**
 * What the engine leaves open about a client's assertion whose signature it has verified: every audience is the issuer
 * or the token endpoint, and its end is near.
 */
export function checkAssertion(ctx: KoaContextWithOIDC, { aud, exp }: Record<string, unknown>): void {
  const { issuer } = ctx.oidc;
  const audiences = [aud].flat();
  if (!audiences.every((audience) => audience === issuer || audience === ctx.oidc.urlFor('token'))) {
    throw new errors.InvalidClientAuth('the audience is not this server alone');
  }
  if (typeof exp !== 'number' || exp > epochSeconds() + longestSeconds) {
    throw new errors.InvalidClientAuth(`the assertion lives longer than ${longestSeconds} s`);
  }
}

/**
 * Fetches a client's `jwks_uri`. The engine bounds time and size, and its dispatcher hangs up on addresses that are not
 * public; here nothing is followed elsewhere, and an operator may let private networks in.
 */
export function fetchKeys(
  url: string | URL,
  init: RequestInit | undefined,
  allowsPrivateNetworks: boolean,
): Promise<Response> {
  const options: RequestInit & { dispatcher?: unknown } = { ...init, redirect: 'error' };
  if (allowsPrivateNetworks) delete options.dispatcher;
  return fetch(url, options);
}
