import { spellPermission } from '../../../views/permission-choices.ts';
import type { ShownMember } from '../../api/members.ts';
import type { ShownResource } from '../../api/resources.ts';
import { groupPairs, hasScope, listPairs, type Scopes } from '../../scopes.ts';

/** A permission that can be given to a member or taken: whether they have it, and whether their role has. */
export type Offer = {
  resource: string;
  name: string;
  scope: string;
  description: string | undefined;
  has: boolean;
  isOfRole: boolean;
};

/**
 * What can be given to a member, or taken from them, by somebody with these permissions: nobody gives what they lack. `own`,
 * the management API, comes last.
 */
export function listOffers(
  member: ShownMember,
  givers: Scopes,
  resources: readonly ShownResource[],
  own: string,
): Offer[] {
  return resources
    .toSorted((one, other) => Number(one.resource === own) - Number(other.resource === own))
    .flatMap(({ resource, resource_name, scopes, scope_roles }) =>
      Object.entries(scopes).map(([scope, description]) => {
        const pair = { resource, scope };
        const isOfRole = scope_roles[scope] === 'member' || scope_roles[scope] === member.role;
        // Also of somebody who is disabled, and may do nothing at the moment.
        const has = hasScope(member.given, pair) || (isOfRole && !hasScope(member.taken, pair));
        return { ...pair, name: resource_name, description, has, isOfRole };
      }),
    )
    .filter((offer) => offer.has || hasScope(givers, offer));
}

/**
 * What a form with ticks changes: only of what it `offered`, and only where that is another than before, so that what was
 * given beside the role stays given when the role has it too.
 */
export function adjustmentsOf(
  member: ShownMember,
  offers: readonly Offer[],
  { offered, ticked }: { offered: readonly string[]; ticked: readonly string[] },
): { given: Scopes; taken: Scopes } {
  const changed = offers.filter((offer) => {
    const spelled = spellPermission(offer.resource, offer.scope);
    return offered.includes(spelled) && ticked.includes(spelled) !== offer.has;
  });
  const isChanged = (pair: { resource: string; scope: string }) =>
    changed.some(({ resource, scope }) => resource === pair.resource && scope === pair.scope);
  const kept = (scopes: Scopes) => listPairs(scopes).filter((pair) => !isChanged(pair));
  return {
    given: groupPairs([...kept(member.given), ...changed.filter(({ has, isOfRole }) => !has && !isOfRole)]),
    taken: groupPairs([...kept(member.taken), ...changed.filter(({ has, isOfRole }) => has && isOfRole)]),
  };
}
