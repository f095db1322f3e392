import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Database } from '../postgres/pool.ts';
import type { KeyChain, TokenFormat } from '../secret.ts';
import type { Redemption } from './redemption.ts';

/** A grant that has just ended. */
export type EndedGrant = { id: string; accountId: string; organizationId: string | undefined };

/** What the stores tell of what they do for the request that the engine works on. */
export type StoreEvents = {
  /** Writes the end of a grant down, at the end of the transaction that is it. */
  grantEnded(tx: Database, grant: EndedGrant): Promise<void>;
  /** The same for an access token alone; `grantId` is that of a person's. */
  accessTokenEnded(tx: Database, grantId: string | undefined): Promise<void>;
  /** Remembers for this request where its grant was given. */
  grantFound(organizationId: string | undefined): void;
};

/** What a store is built from. */
export type StoreOptions = {
  /** Tells our tokens, and the partition of each, by their text. */
  format: TokenFormat;
  /** Keys of the HMAC that user codes are looked up by; the first one stores them. The same in every process. */
  userCodeKeys: KeyChain;
  /** The redemption that this request is in, if it is in one: its writes wait for `settleRedemption`. */
  redemption?: () => Redemption | undefined;
  /** Who is told of what ends, in the transaction that ends it. */
  events?: StoreEvents;
};

/** A payload without its `jti`, which is the secret that finds it. */
export function withoutId(payload: AdapterPayload): AdapterPayload {
  const { jti: _, ...rest } = payload;
  return rest;
}

/** What the database calls alive must not end by the clock of the server while it is being looked at. */
const longestRequestSeconds = 5;

/**
 * The payload as the engine must see it. The engine compares `exp` with this machine's clock; the database's clock has
 * already decided, so where the two disagree `exp` moves to the near side of this machine's now.
 */
export function revive(
  payload: AdapterPayload,
  state: { jti: string; consumed?: number | null; expired: boolean | null; now: number },
): AdapterPayload {
  const revived: AdapterPayload = { ...payload, jti: state.jti };
  if (state.consumed) revived.consumed = state.consumed;
  if (typeof payload.exp === 'number' && state.expired !== null) {
    const expiredHere = payload.exp <= state.now;
    if (state.expired && !expiredHere) revived.exp = state.now;
    if (!state.expired && expiredHere) revived.exp = state.now + longestRequestSeconds;
  }
  return revived;
}

/** The engine's refusal of what has been used before (RFC 6749 section 5.2). */
export function refuseConsumed(): never {
  throw new errors.InvalidGrant('already used');
}

/** What the engine never asks of a model that is found by its id alone and used more than once. */
export const foundByIdAlone = {
  async consume() {},
  async revokeByGrantId() {},
  async findByUserCode() {
    return undefined;
  },
  async findByUid() {
    return undefined;
  },
} satisfies Partial<Adapter>;
