import { type Configuration, errors, Provider } from 'oidc-provider';
import { hasSecret } from '../clients/secret.ts';
import { systemClock } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { randomText, type TokenFormat, type TokenKind } from '../secret.ts';
import { registrationOf } from './client-store.ts';
import { recordPoll, UserCodeTaken } from './device-code-store.ts';
import { type ExchangeOptions, registerTokenExchange } from './grants/token-exchange.ts';
import type { LifeOptions } from './introspection.ts';
import { liveTokens } from './live-token.ts';
import { modelOf } from './model.ts';
import { type JwtLoader, readJwts } from './presented-jwt.ts';
import { findEarlierAnswer, graceSeconds, mayRepeatDeviceAnswer, type Redemption } from './redemption.ts';
import { isAccessTokenRevocation } from './settings.ts';
import { createUserCode } from './user-code.ts';

/** What the engine is built from, besides its own configuration. */
export type ProviderOptions = {
  issuer: string;
  settings: Configuration;
  db: Database;
  format: TokenFormat;
  loadJwt: JwtLoader;
  exchange: Omit<ExchangeOptions, 'findLive'> & LifeOptions;
};

/** An engine for one set of signing keys, with our tokens, our client secrets and RFC 8628's polling. */
export function createProvider({
  issuer,
  settings,
  db,
  format,
  loadJwt,
  exchange,
}: ProviderOptions): Provider {
  const provider = new Provider(issuer, settings);
  provider.proxy = true;
  writeTokens(provider, format);
  readJwts(provider, db, loadJwt);
  compareSecretDigests(provider);
  answerPolls(provider, db);
  repeatRefreshAnswers(provider, db);
  renewUserCodes(provider);
  endAccessTokensAlone(provider);
  registerTokenExchange(provider, { ...exchange, findLive: liveTokens(provider, loadJwt, exchange) });
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

/** RFC 8628 section 3.5 at the token endpoint: `slow_down`, and redemptions that come again. */
function answerPolls(provider: Provider, db: Database): void {
  const model = modelOf(provider.DeviceCode);
  const find = model.find.bind(model);
  model.find = async (value, options) => {
    const code = await find(value, options);
    const ctx = Provider.ctx;
    if (ctx?.oidc.route !== 'token') return code;
    if (!code) ctx.state.unknownDeviceCode = true;
    if (!code || code.clientId !== ctx.oidc.client?.clientId) return code;
    if (code.consumed) {
      const earlier = await findEarlierAnswer(db, 'device_codes', value);
      if (earlier && mayRepeatDeviceAnswer(earlier)) ctx.state.earlierAnswer = earlier.answer;
      // Within the grace no use of it harms the first one; later the engine revokes the grant.
      if (earlier && earlier.age <= graceSeconds)
        throw new errors.InvalidGrant('device code already consumed');
    } else if (!code.accountId && !code.error && !code.isExpired) {
      const poll = await recordPoll(db, value);
      if (poll?.isTooFast) {
        ctx.state.pollInterval = poll.interval;
        throw new errors.SlowDown();
      }
    }
    return code;
  };
}

/** A refresh token that is used again within the grace gets the answer that its first use got. */
function repeatRefreshAnswers(provider: Provider, db: Database): void {
  const model = modelOf(provider.RefreshToken);
  const find = model.find.bind(model);
  model.find = async (value, options) => {
    const token = await find(value, options);
    const ctx = Provider.ctx;
    if (!token?.consumed || ctx?.oidc.route !== 'token') return token;
    if (token.clientId !== ctx.oidc.client?.clientId) return token;
    const earlier = await findEarlierAnswer(db, 'refresh_tokens', value);
    if (earlier?.answer && earlier.age <= graceSeconds) {
      ctx.state.earlierAnswer = earlier.answer;
      throw new errors.InvalidGrant('refresh token already used');
    }
    return token;
  };
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
