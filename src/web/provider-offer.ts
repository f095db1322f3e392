import type { Context } from 'koa';
import type { ProviderChoice } from '../../views/provider.ts';
import { hasDomainProviders, listOfferedProviders } from '../identity-providers/identity-provider.ts';
import { findInvitation } from '../organizations/invitation.ts';
import type { Database } from '../postgres/pool.ts';
import { isUuid } from '../users/user.ts';
import type { JoinSteps } from './join-step.ts';
import type { Visit } from './reception.ts';

/** What a visitor has named, by which they are shown an organization's providers too: its id, or their own address. */
export type Named = { organizationId?: string | undefined; email?: string | undefined };

/** What there is to choose; `canAskByEmail` where an address can lead to more. */
export type ProviderOffer = {
  providers: readonly ProviderChoice[];
  /** Whether one of them is an organization's own. */
  hasOwn: boolean;
  canAskByEmail: boolean;
};

/** Finds the providers to offer: the operator's, and an organization's own to who knows of it, by an invitation too. */
export function createProviderOffers(options: {
  db: Database;
  joinSteps: JoinSteps;
}): (ctx: Context, visit: Visit, named: Named) => Promise<ProviderOffer> {
  const { db, joinSteps } = options;

  async function invitedTo(ctx: Context, visit: Visit): Promise<string | undefined> {
    const step = joinSteps.read(ctx, visit);
    const invitation = step?.step === 'invited' ? await findInvitation(db, step.text) : undefined;
    return invitation?.organizationId;
  }

  return async (ctx, visit, { organizationId = '', email }) => {
    const named = isUuid(organizationId) ? organizationId : await invitedTo(ctx, visit);
    const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase();
    const providers = await listOfferedProviders(db, { organizationId: named, domain });
    return {
      providers: providers.map(({ id, name }) => ({ id, name })),
      hasOwn: providers.some(({ isOwn }) => isOwn),
      canAskByEmail: await hasDomainProviders(db),
    };
  };
}
