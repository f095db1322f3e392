import type { Context } from 'koa';
import { epochSeconds } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { isApiTokenLink } from './api-token-link.ts';
import { proofWindowSeconds } from './dpop.ts';
import { createDpopNonces } from './dpop-nonce.ts';
import { findGrantOrganization } from './grant.ts';
import type { Host } from './host.ts';
import type { LifeOptions } from './introspection.ts';
import { lineageOf } from './lineage.ts';
import { liveTokens } from './live-token.ts';
import type { Instance } from './model.ts';
import { shownThumbprint } from './mutual-tls.ts';
import type { JwtLoader } from './presented-jwt.ts';
import { findProofFault, type ProofFault } from './resource-proof.ts';
import { readScope } from './scope.ts';

/** What finds access tokens that are presented to an API of our own. */
export type AccessTokenFinder = (
  ctx: Context,
  presented: { text: string; scheme: 'bearer' | 'dpop' },
) => Promise<AccessTokenHolder | { refusal: ProofFault }>;

/** Who a live access token speaks for, and what it was issued for. */
export type AccessTokenHolder = {
  clientId: string;
  userId: string | undefined;
  userEmail: string | undefined;
  /** Where the person approved it, or where the client belongs. */
  organizationId: string | undefined;
  scopes: string[];
};

/**
 * Finds tokens whose audience is `resource`, alive as introspection judges it. One that is bound to a key is found only
 * with the scheme `DPoP` and a proof by that key (RFC 9449 section 7), and one that is not, only without; one that is
 * bound to a certificate only with that (RFC 8705 section 3). One that was got for an API token is not found: it would
 * speak for the person, who may do more than the API token.
 */
export function createAccessTokenFinder(options: {
  db: Database;
  host: Host;
  issuer: string;
  resource: string;
  dpopSecret: Uint8Array;
  loadJwt: JwtLoader;
  life: LifeOptions;
}): AccessTokenFinder {
  const { db, host, issuer, resource, loadJwt, life } = options;
  const nonces = createDpopNonces(options.dpopSecret);

  async function judgeProof(ctx: Context, token: Instance, text: string): Promise<ProofFault | undefined> {
    return await findProofFault(ctx, {
      token: text,
      jkt: token.jkt,
      url: new URL(issuer).origin + ctx.path,
      nonces,
      isNonceRequired: (await life.findClient(token.clientId))?.requireDpopNonce === true,
      spend: (jti) =>
        host.provider().ReplayDetection.unique(token.clientId, jti, epochSeconds() + proofWindowSeconds),
    });
  }

  return async (ctx, { text, scheme }) => {
    const token = await liveTokens(host.provider(), loadJwt, life)(text);
    if (!token || token.aud !== resource) return notGood;
    if (lineageOf(token).some(isApiTokenLink)) return notGood;
    if (token['x5t#S256'] && token['x5t#S256'] !== shownThumbprint(ctx)) return notGood;
    if ((token.jkt !== undefined) !== (scheme === 'dpop')) return notGood;
    const fault = token.jkt && (await judgeProof(ctx, token, text));
    if (fault) return { refusal: fault };
    const user = token.accountId ? await life.accounts.findUser(token.accountId) : undefined;
    return {
      clientId: token.clientId,
      userId: user?.id,
      userEmail: user?.email,
      organizationId: token.grantId
        ? await findGrantOrganization(db, token.grantId)
        : (await life.findClient(token.clientId))?.organizationId,
      scopes: readScope(token.scope),
    };
  };
}

const notGood = { refusal: 'invalid_token' } as const;
