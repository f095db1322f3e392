import type { Context } from 'koa';
import { leavingPage } from '../../views/provider.ts';
import type { Fault } from '../federation/fault.ts';
import type { Expectation, RelyingParty } from '../federation/relying-party.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import type { IdentityProvider } from '../identity-providers/identity-provider.ts';
import type { Limits } from '../limits/limits.ts';
import { showPage } from './page.ts';
import type { Reception, Visit } from './reception.ts';
import type { SealedCookie } from './sealed-cookie.ts';

/** Seconds for which a browser may stay away at an identity provider. */
export const expectationSeconds = 600;

/**
 * Answers with the page that leads away to a provider, counted by network; or with nothing, where that came to nothing. With
 * `maxAge` its person is to sign in there anew.
 */
export type Departure = (
  ctx: Context,
  visit: Visit,
  provider: IdentityProvider,
  maxAge?: number,
) => Promise<{ hasLeft: true } | { retryAfterSeconds: number } | Fault>;

/** What the answer must fit is kept in the browser until it comes. */
export function createDeparture(options: {
  limits: Limits;
  reception: Reception;
  expectations: SealedCookie<Expectation>;
  relyingParty: RelyingParty;
}): Departure {
  const { limits, reception, expectations, relyingParty } = options;
  return async (ctx, visit, provider, maxAge) => {
    const allowance = await limits.take('provider_by_address', addressPrefix(addressOf(ctx)));
    if (!allowance.allowed) return { retryAfterSeconds: allowance.retryAfterSeconds };
    const begun = await relyingParty.begin(provider, maxAge);
    if ('fault' in begun) return begun;
    expectations.write(ctx, visit, begun.expectation);
    // Not a redirect: `form-action` would hold it back, and must not be opened for pages that take passwords.
    ctx.set('Refresh', `0;url=${begun.url}`);
    showPage(ctx, leavingPage({ ...reception.frame(visit), provider: provider.name, url: begun.url }));
    return { hasLeft: true };
  };
}
