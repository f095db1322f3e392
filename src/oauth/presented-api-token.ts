import { Provider } from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import { type Clock, epochSeconds } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { findLiveApiToken, type LiveApiToken } from '../tokens/check.ts';
import type { UseRecorder } from '../tokens/use.ts';
import { type Instance, modelOf } from './model.ts';
import { revive } from './store.ts';

/** Stands for the API token whose digest is in `ctx.state.apiTokenDigest`. */
export const presentedApiToken = 'presented-api-token';

/**
 * Lets the engine find API tokens at introspection as it finds access tokens: those that live at this moment and may be
 * used from `ctx.state.presentedFrom`. What of it the caller learns is its policy's to say.
 */
export function readApiTokens(provider: Provider, db: Database): void {
  const model = modelOf(provider.AccessToken);
  const find = model.find.bind(model);
  model.find = async (value, options) => {
    const ctx = Provider.ctx;
    const digest: unknown = ctx?.state.apiTokenDigest;
    if (value !== presentedApiToken || !Buffer.isBuffer(digest)) return await find(value, options);
    if (ctx?.oidc.route !== 'introspection') return undefined;
    const live = await findLiveApiToken(db, digest, ctx.state.presentedFrom);
    return live && toInstance(provider, live);
  };
}

/** The API token that an instance of the engine's stands for. */
export function apiTokenBehind(token: Instance): LiveApiToken | undefined {
  return token.apiToken;
}

/** An API token as the engine knows access tokens; of no client, and without audience and scope. */
function toInstance(provider: Provider, live: LiveApiToken): Instance {
  const payload = {
    kind: 'AccessToken',
    iat: toSeconds(live.createdAt),
    ...(live.expiresAt && { exp: toSeconds(live.expiresAt) }),
    extra: { sub: live.holderId, username: live.holderEmail, organization: live.organizationId },
  };
  // The database has just said that it lives.
  const revived = revive(payload, { jti: live.id, expired: false, now: epochSeconds() });
  return Object.assign(modelOf(provider.AccessToken).instantiate(revived), { apiToken: live });
}

/**
 * Narrows an API token to the resources that a client serves; false where nothing is left. `permissions` tells the scopes
 * of each resource; `scope` only those that the token has at every one, so that it is right for whichever is meant.
 */
export function narrowToAudiences(token: Instance, live: LiveApiToken, { audiences }: Client): boolean {
  const served = Object.entries(live.permissions).filter(([resource]) => audiences.includes(resource));
  const [first, ...others] = served;
  if (!first) return false;
  const everywhere = first[1].filter((scope) => others.every(([, scopes]) => scopes.includes(scope)));
  token.aud = others.length === 0 ? first[0] : served.map(([resource]) => resource);
  token.scope = everywhere.join(' ');
  token.extra = { ...token.extra, permissions: Object.fromEntries(served) };
  return true;
}

/** Remembers that an API was shown the token: from where its user presented it, and which client asked. */
export function recordUse(
  { uses, clock }: { uses: UseRecorder; clock: Clock },
  live: LiveApiToken,
  { address, clientId }: { address: string | undefined; clientId: string },
): void {
  uses.record(live.valueId, { at: clock.now(), address, agent: clientId });
}

function toSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
