import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import { sha256 } from '../secret.ts';
import { isProofCalled, type Proof, proofWindowSeconds, readProof } from './dpop.ts';
import type { DpopNonces } from './dpop-nonce.ts';
import { modelOf } from './model.ts';
import { boundThumbprint } from './mutual-tls.ts';
import { parameterOf } from './request.ts';

// A proof may be as far ahead of our clock as behind it; a minute more for clocks that differ between our machines.
const spentSeconds = 2 * proofWindowSeconds + 60;

/** The proof of a token request, or `undefined` where it has none. Checked once however often it is asked for. */
export function proofOf(ctx: KoaContextWithOIDC, nonces: DpopNonces): Promise<Proof | undefined> {
  ctx.state.proof ??= readProof(ctx, nonces);
  return ctx.state.proof;
}

/**
 * A device code is bound to the key whose proof, or whose thumbprint as `dpop_jkt`, came with the device authorization
 * request, and to the certificate where the client's tokens are; the engine binds nothing before the tokens.
 */
export function bindDeviceCodes(provider: Provider, nonces: DpopNonces): void {
  const kept = [...modelOf(provider.DeviceCode).IN_PAYLOAD, 'jkt', 'x5t#S256'];
  Object.defineProperty(provider.DeviceCode, 'IN_PAYLOAD', { value: kept });
  const { prototype } = modelOf(provider.DeviceCode);
  const save = prototype.save;
  prototype.save = async function saveWithKey() {
    const ctx = Provider.ctx;
    if (ctx?.oidc.route === 'device_authorization') {
      this.jkt = await askedKey(provider, ctx, nonces);
      this['x5t#S256'] = boundThumbprint(ctx);
    }
    return await save.call(this);
  };
}

/**
 * Every refresh token that a public client gets for a proof is bound to its key (RFC 9449 section 5), or to its certificate
 * (RFC 8705 section 4). The engine forgets the one that takes the place of a token that was not bound.
 */
export function bindRefreshTokens(provider: Provider): void {
  const { prototype } = modelOf(provider.RefreshToken);
  const save = prototype.save;
  prototype.save = async function saveWithKey() {
    const ctx = Provider.ctx;
    if (ctx?.oidc.client?.clientAuthMethod === 'none') {
      this.jkt ??= ctx.state.redemption?.provenKey;
      this['x5t#S256'] ??= ctx.state.redemption?.certificate;
    }
    return await save.call(this);
  };
}

async function askedKey(
  provider: Provider,
  ctx: KoaContextWithOIDC,
  nonces: DpopNonces,
): Promise<string | undefined> {
  const named = namedKey(ctx);
  const proof = await readProof(ctx, nonces);
  if (!proof) return named;
  if (named !== undefined && named !== proof.thumbprint)
    throw new errors.InvalidRequest('dpop_jkt names another key than the proof');
  await spendProof(provider, ctx, proof);
  return proof.thumbprint;
}

/** RFC 9449 section 10: the base64url form of a SHA-256. */
function namedKey(ctx: KoaContextWithOIDC): string | undefined {
  if (ctx.state.form?.dpop_jkt === undefined) return undefined;
  const named = parameterOf(ctx, 'dpop_jkt');
  if (named === undefined || !/^[\w-]{43}$/.test(named))
    throw new errors.InvalidRequest('dpop_jkt is no thumbprint of a key');
  return named;
}

/** From now on this proof is refused at this client's requests; throws where it has been already. */
export async function spendProof(provider: Provider, ctx: KoaContextWithOIDC, { jti }: Proof): Promise<void> {
  const clientId = ctx.oidc.client?.clientId ?? '';
  await provider.ReplayDetection.unique(clientId, jti, epochSeconds() + proofWindowSeconds);
}

/** The key of a token request's proof, which is spent; `invalid_grant` where the client must have one and has none. */
export async function proveKey(
  provider: Provider,
  ctx: KoaContextWithOIDC,
  nonces: DpopNonces,
): Promise<string | undefined> {
  const proof = await proofOf(ctx, nonces);
  if (proof) await spendProof(provider, ctx, proof);
  else if (ctx.oidc.client?.dpopBoundAccessTokens)
    throw new errors.InvalidGrant('DPoP proof JWT not provided');
  return proof?.thumbprint;
}

/**
 * A proof or assertion counts once (RFC 9449 section 11.1), and is remembered for as long as it could be accepted. The
 * engine would look, then write, and forget a proof with an `iat` ahead of our clock while that is still good.
 */
export function spendProofsOnce(provider: Provider): void {
  const { ReplayDetection } = provider;
  ReplayDetection.unique = async (issuer, jti, exp) => {
    const id = sha256(JSON.stringify([issuer, jti])).toString('base64url');
    const record = modelOf(ReplayDetection).instantiate({ jti: id, iss: issuer });
    const seconds = Math.max((exp ?? 0) - epochSeconds(), spentSeconds);
    await record.save(seconds).catch((error: unknown) => {
      const proof = Provider.ctx?.get('DPoP') ?? '';
      if (!(error instanceof errors.OIDCProviderError) || !isProofCalled(proof, jti)) throw error;
      throw new errors.InvalidDpopProof('the proof has been used before');
    });
    return true;
  };
}
