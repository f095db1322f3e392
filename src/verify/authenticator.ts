import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { addressOf } from '../http/client-address.ts';
import { findActing } from '../organizations/acting.ts';
import type { Database } from '../postgres/pool.ts';
import { intersectScopes, type Scopes } from '../scopes.ts';
import type { TokenFormat } from '../secret.ts';
import type { UseRecorder } from '../tokens/use.ts';
import { findPresentedApiToken } from './api-token.ts';
import type { Caller } from './caller.ts';
import { type Presentation, readPresentation } from './presentation.ts';
import { callerOf, type FoundSession } from './session.ts';

/** A live access token of ours, as the protocol has found it. */
export type FoundAccessToken = {
  clientId: string;
  /** The person; absent for a machine. */
  userId: string | undefined;
  userEmail: string | undefined;
  /** Where the person approved it, or where the client belongs. */
  organizationId: string | undefined;
  scopes: readonly string[];
};

/** Why a presented access token is not good, in the words of RFC 9449 sections 7.1 and 9. */
export type TokenFault = 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce';

/** What tells who calls. */
export type AuthenticatorOptions = {
  db: Database;
  format: TokenFormat;
  clock: Clock;
  /** The URI of the resource that is called: the audience that access tokens must have. */
  resource: string;
  /** Where its metadata is (RFC 9728). */
  metadataUrl: string;
  tokenHeader: string | undefined;
  /** The token, if it is for `resource`, and its key, where it is bound to one, has been proven by this request. */
  findAccessToken(
    ctx: Context,
    presented: { text: string; scheme: 'bearer' | 'dpop' },
  ): Promise<FoundAccessToken | { refusal: TokenFault }>;
  /** What DPoP proofs may be signed with. */
  proofAlgorithms: readonly string[];
  findSession(ctx: Context): Promise<FoundSession | undefined>;
  uses: UseRecorder;
};

/**
 * Tells who calls: an API token in any presentation, an access token, or the session of a browser. AppError
 * `not_signed_in` with the challenge of the scheme that was tried (RFC 6750 section 3, RFC 9449 section 7.1), of both where
 * none was, or `bad_request` for two credentials at once.
 */
export function createAuthenticator(options: AuthenticatorOptions): (ctx: Context) => Promise<Caller> {
  return async (ctx) => {
    const presentation = readPresentation(ctx.req, options.tokenHeader);
    if (presentation.kind === 'ambiguous') {
      throw new AppError(
        'bad_request',
        'Present one credential, not two',
        challenge(bearer(options, 'invalid_request'), dpop(options)),
      );
    }
    if (presentation.kind === 'none') {
      const session = await options.findSession(ctx);
      if (session) return await callerOf(options.db, session);
      throw new AppError('not_signed_in', undefined, challenge(bearer(options), dpop(options)));
    }
    const found =
      (await asApiToken(ctx, options, presentation)) ?? (await asAccessToken(ctx, options, presentation));
    if (!('refusal' in found)) return found;
    const { refusal } = found;
    // Whoever is asked for a nonce has a good token, and comes again at once.
    ctx.state.isCredentialWrong = refusal !== 'use_dpop_nonce';
    const words = refusal === 'invalid_token' ? 'This credential is not good' : proofWords[refusal];
    throw new AppError('not_signed_in', words, challengeTo(presentation, options, refusal));
  };
}

async function asApiToken(
  ctx: Context,
  { db, format, uses, clock }: AuthenticatorOptions,
  presentation: Presentation,
): Promise<Caller | undefined> {
  const token = await findPresentedApiToken(db, format, presentation, addressOf(ctx));
  if (!token) return undefined;
  uses.record(token.valueId, { at: clock.now(), address: addressOf(ctx), agent: ctx.get('User-Agent') });
  return {
    presentation: 'api_token',
    credentialId: `api token ${token.id} ${token.holderId}`,
    credential: textOf(presentation),
    userId: token.holderId,
    clientId: undefined,
    tokenId: token.id,
    organizationId: token.organizationId,
    confinedTo: token.organizationId,
    name: token.holderEmail,
    permissions: token.permissions,
  };
}

async function asAccessToken(
  ctx: Context,
  options: AuthenticatorOptions,
  presentation: Presentation,
): Promise<Caller | { refusal: TokenFault }> {
  if (presentation.kind !== 'token') return { refusal: 'invalid_token' };
  const { resource } = options;
  const token = await options.findAccessToken(ctx, presentation);
  if ('refusal' in token) return token;
  const { clientId, userId } = token;
  const own: Scopes = { [resource]: token.scopes };
  // What was approved before its person joined an organization is nothing there; how they had signed in, the grant tells.
  const { organizationId } = token;
  const acting =
    userId && organizationId ? await findActing(options.db, userId, organizationId, 'any') : undefined;
  // Of this API, what the token was approved for; of others, what the person may: that is what tokens are made of here.
  const { [resource]: _, ...elsewhere } = acting?.permissions ?? {};
  return {
    presentation: 'access_token',
    credentialId: userId ? `person ${userId} by ${clientId}` : `client ${clientId}`,
    credential: presentation.text,
    userId,
    clientId,
    tokenId: undefined,
    organizationId: userId ? acting?.organizationId : token.organizationId,
    confinedTo: token.organizationId,
    name: token.userEmail ?? clientId,
    permissions: userId ? { ...elsewhere, ...intersectScopes(own, acting?.permissions ?? {}) } : own,
  };
}

function textOf(presentation: Presentation): string {
  if (presentation.kind === 'legacy') return `${presentation.id}:${presentation.secret}`;
  return 'text' in presentation ? presentation.text : '';
}

const proofWords = {
  invalid_dpop_proof: 'The DPoP proof is missing, or is not one for this token and this request',
  use_dpop_nonce: 'Put the nonce of this answer into the DPoP proof',
};

/** The scheme that was tried comes first, and alone where its token is good: clients look for a nonce in a single challenge. */
function challengeTo(presentation: Presentation, options: AuthenticatorOptions, fault: TokenFault) {
  if (fault !== 'invalid_token') return challenge(dpop(options, fault));
  const isProven = presentation.kind === 'token' && presentation.scheme === 'dpop';
  return isProven
    ? challenge(dpop(options, fault), bearer(options))
    : challenge(bearer(options, fault), dpop(options));
}

/** RFC 6750 section 3, with where the resource describes itself (RFC 9728 section 5.1). */
function bearer({ metadataUrl }: AuthenticatorOptions, error?: 'invalid_request' | 'invalid_token'): string {
  const parts = [...(error ? [`error="${error}"`] : []), `resource_metadata="${metadataUrl}"`];
  return `Bearer ${parts.join(', ')}`;
}

/** RFC 9449 section 7.1. */
function dpop({ metadataUrl, proofAlgorithms }: AuthenticatorOptions, error?: TokenFault): string {
  const parts = [
    ...(error ? [`error="${error}"`] : []),
    `algs="${proofAlgorithms.join(' ')}"`,
    `resource_metadata="${metadataUrl}"`,
  ];
  return `DPoP ${parts.join(', ')}`;
}

function challenge(...challenges: string[]): { headers: Record<string, string> } {
  return { headers: { 'WWW-Authenticate': challenges.join(', ') } };
}
