import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { hasSecret } from '../clients/secret.ts';
import { type Clock, systemClock } from '../clock.ts';
import { addressOf } from '../http/client-address.ts';
import type { Database } from '../postgres/pool.ts';
import { randomText, sha256, type TokenFormat, type TokenKind } from '../secret.ts';
import { findLiveApiToken, textDigest } from '../tokens/check.ts';
import type { UseRecorder } from '../tokens/use.ts';
import { keepAuthentication } from './authentication.ts';
import { registrationOf } from './client-store.ts';
import { recordPoll, UserCodeTaken } from './device-code-store.ts';
import type { Proof } from './dpop.ts';
import { createDpopNonces, type DpopNonces } from './dpop-nonce.ts';
import { type ExchangeOptions, registerTokenExchange } from './grants/token-exchange.ts';
import type { LifeOptions } from './introspection.ts';
import {
  bindDeviceCodes,
  bindRefreshTokens,
  proofOf,
  proveKey,
  spendProof,
  spendProofsOnce,
} from './key-binding.ts';
import { liveTokens } from './live-token.ts';
import { modelOf } from './model.ts';
import { boundThumbprint, demandThumbprint } from './mutual-tls.ts';
import { readApiTokens, recordUse } from './presented-api-token.ts';
import { type JwtLoader, readJwts } from './presented-jwt.ts';
import { createReachFinder } from './reach.ts';
import {
  type EarlierAnswer,
  findEarlierAnswer,
  graceSeconds,
  mayRepeatDeviceAnswer,
  type Redemption,
} from './redemption.ts';
import { isAccessTokenRevocation } from './settings.ts';
import type { StoreEvents } from './store.ts';
import { createUserCode } from './user-code.ts';
import type { VerificationNumbers } from './verification-number.ts';

/** What the engine is built from, besides its own configuration. */
export type ProviderOptions = {
  issuer: string;
  settings: Configuration;
  db: Database;
  format: TokenFormat;
  loadJwt: JwtLoader;
  events: StoreEvents;
  exchange: Omit<ExchangeOptions, 'findLive' | 'findApiToken' | 'findReach' | 'recordUse' | 'proveBinding'> &
    LifeOptions;
  /** Remembers when API tokens were exchanged. */
  uses: UseRecorder;
  clock: Clock;
  /** What the nonces of DPoP proofs are made from; the same as in the settings. */
  dpopSecret: Buffer;
  verificationNumbers: VerificationNumbers;
};

/** An engine for one set of signing keys, with our tokens, our client secrets and RFC 8628's polling. */
export function createProvider({
  issuer,
  settings,
  db,
  format,
  loadJwt,
  events,
  exchange,
  uses,
  clock,
  dpopSecret,
  verificationNumbers,
}: ProviderOptions): Provider {
  const nonces = createDpopNonces(dpopSecret);
  const provider = new Provider(issuer, settings);
  provider.proxy = true;
  writeTokens(provider, format);
  readJwts(provider, db, { load: loadJwt, events });
  readApiTokens(provider, db);
  compareSecretDigests(provider);
  spendProofsOnce(provider);
  answerPolls(provider, db, { nonces, verificationNumbers });
  repeatRefreshAnswers(provider, db, nonces);
  renewUserCodes(provider);
  keepAuthentication(provider);
  bindDeviceCodes(provider, nonces);
  bindRefreshTokens(provider);
  endAccessTokensAlone(provider);
  registerTokenExchange(provider, {
    ...exchange,
    findLive: liveTokens(provider, loadJwt, exchange),
    async findApiToken(text) {
      const digest = textDigest(text, format);
      return digest && (await findLiveApiToken(db, digest, undefined));
    },
    findReach: createReachFinder(db),
    recordUse(ctx, token) {
      // Where the audit log keeps it: the client may belong to nobody.
      ctx.state.exchangedIn = token.organizationId;
      const clientId = ctx.oidc.client?.clientId ?? '';
      recordUse({ uses, clock }, token, { address: addressOf(ctx), clientId });
    },
    proveBinding: async (ctx) => ({
      'x5t#S256': demandThumbprint(ctx),
      jkt: await proveKey(provider, ctx, nonces),
    }),
  });
  return provider;
}

/** The redemption that the engine is working on in this request, for the adapter. */
export function currentRedemption(): Redemption | undefined {
  return Provider.ctx?.state.redemption;
}

/** Our token text in place of the engine's, and garbage refused before any look-up. */
function writeTokens(provider: Provider, format: TokenFormat): void {
  const kinds: [unknown, TokenKind][] = [
    [provider.AccessToken, 'at'],
    [provider.ClientCredentials, 'at'],
    [provider.RefreshToken, 'rt'],
    [provider.DeviceCode, 'dc'],
  ];
  for (const [engineModel, kind] of kinds) {
    const model = modelOf(engineModel);
    const generate = model.prototype.generateTokenId;
    model.prototype.generateTokenId = function generateTokenId() {
      // Called for what it sets: the token's format.
      generate.call(this);
      return this.format === 'jwt' ? randomText() : format.issue(kind, systemClock.now());
    };
    const find = model.find.bind(model);
    model.find = async (value, options) =>
      typeof value === 'string' && format.parse(value)?.kind === kind
        ? await find(value, options)
        : undefined;
  }
}

/** Client secrets are digests: two live at a time, compared in constant time. */
function compareSecretDigests(provider: Provider): void {
  provider.Client.prototype.compareClientSecret = function compareClientSecret(secret: string) {
    return hasSecret(registrationOf(this), secret);
  };
}

/**
 * RFC 8628 section 3.5 at the token endpoint: `slow_down`, and redemptions that come again. A code that is bound to a key
 * or a certificate is worth nothing without it.
 */
function answerPolls(
  provider: Provider,
  db: Database,
  { nonces, verificationNumbers }: { nonces: DpopNonces; verificationNumbers: VerificationNumbers },
): void {
  const model = modelOf(provider.DeviceCode);
  const find = model.find.bind(model);
  model.find = async (value, options) => {
    const code = await find(value, options);
    const ctx = Provider.ctx;
    if (ctx?.oidc.route !== 'token') return code;
    if (!code) ctx.state.unknownDeviceCode = true;
    const { client } = ctx.oidc;
    if (!code || !client || code.clientId !== client.clientId) return code;
    const redemption = await provenRedemption(ctx, nonces);
    if (code.jkt && code.jkt !== redemption.provenKey)
      throw new errors.InvalidGrant('the device code is bound to a key that was not proven');
    if (code['x5t#S256'] && code['x5t#S256'] !== redemption.certificate)
      throw new errors.InvalidGrant('the device code is bound to a certificate that was not shown');
    if (code.consumed) {
      const earlier = await findEarlierAnswer(db, redemption);
      if (earlier && mayRepeatDeviceAnswer(earlier)) await repeatAnswer(provider, ctx, earlier);
      // Within the grace no use of it harms the first one; later the engine revokes the grant.
      if (earlier && earlier.age <= graceSeconds)
        throw new errors.InvalidGrant('device code already consumed');
    } else if (!code.accountId && !code.error && !code.isExpired) {
      const poll = await recordPoll(db, value);
      // Not before: who sends a code around must not be able to send the number with it.
      if (poll?.isOpened && registrationOf(client).numberMatching)
        ctx.state.verificationNumber = verificationNumbers.of(sha256(value));
      if (poll?.isTooFast) {
        ctx.state.pollInterval = poll.interval;
        throw new errors.SlowDown();
      }
    }
    return code;
  };
}

/** A refresh token that is used again within the grace gets the answer that its first use got. */
function repeatRefreshAnswers(provider: Provider, db: Database, nonces: DpopNonces): void {
  const model = modelOf(provider.RefreshToken);
  const find = model.find.bind(model);
  model.find = async (value, options) => {
    const token = await find(value, options);
    const ctx = Provider.ctx;
    if (!token || ctx?.oidc.route !== 'token') return token;
    if (token.clientId !== ctx.oidc.client?.clientId) return token;
    const redemption = await provenRedemption(ctx, nonces);
    if (!token.consumed) return token;
    const earlier = await findEarlierAnswer(db, redemption);
    if (earlier && earlier.age <= graceSeconds) {
      await repeatAnswer(provider, ctx, earlier);
      throw new errors.InvalidGrant('refresh token already used');
    }
    return token;
  };
}

/** The redemption of this request, with the key that the request proves and the certificate that it shows. */
async function provenRedemption(ctx: KoaContextWithOIDC, nonces: DpopNonces): Promise<Redemption> {
  const redemption: Redemption = ctx.state.redemption;
  redemption.provenKey = (await proofOf(ctx, nonces))?.thumbprint;
  redemption.certificate = boundThumbprint(ctx);
  return redemption;
}

/** Leaves the earlier answer for `redeem` to give, if it opened; the proof of a repetition counts once too. */
async function repeatAnswer(
  provider: Provider,
  ctx: KoaContextWithOIDC,
  { answer }: EarlierAnswer,
): Promise<void> {
  if (!answer) return;
  const proof: Proof | undefined = await ctx.state.proof;
  if (proof) await spendProof(provider, ctx, proof);
  ctx.state.earlierAnswer = answer;
}

/** A user code that another live device code has is drawn again; the answer tells the one that was kept. */
function renewUserCodes(provider: Provider): void {
  const model = modelOf(provider.DeviceCode);
  const save = model.prototype.save;
  model.prototype.save = async function saveWithFreeUserCode() {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await save.call(this);
      } catch (error) {
        if (!(error instanceof UserCodeTaken) || attempt === 10) throw error;
        this.userCode = createUserCode();
      }
    }
  };
}

/** Revoking an access token leaves its siblings and its refresh token alive. */
function endAccessTokensAlone(provider: Provider): void {
  for (const model of [provider.AccessToken, provider.RefreshToken, provider.DeviceCode].map(modelOf)) {
    const revokeByGrantId = model.revokeByGrantId?.bind(model);
    model.revokeByGrantId = async (grantId) => {
      if (!isAccessTokenRevocation(Provider.ctx)) await revokeByGrantId?.(grantId);
    };
  }
}
