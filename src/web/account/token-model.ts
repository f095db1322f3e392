import type { TokenModel } from '../../../views/token.ts';
import type { ShownToken } from '../../api/token-view.ts';

type ShownUse = NonNullable<ShownToken['last_used']>;

/** A token of the management API as the pages draw it, for the person with this id. */
export function tokenModel(token: ShownToken, userId: string): TokenModel {
  return {
    id: token.id,
    name: token.name,
    note: token.note,
    kind: token.kind,
    state: token.state,
    disabledBy: token.disabled_by,
    owner: token.owner.email,
    isOwn: token.owner.id === userId,
    permissions: token.permissions,
    present: token.present_permissions,
    ranges: token.address_ranges,
    reason: token.reason,
    holders: token.holdings?.members,
    createdAt: new Date(token.created_at),
    endsAt: token.expires_at === undefined ? undefined : new Date(token.expires_at),
    lastUse: token.last_used && lastUse(token.last_used),
    previousValue: token.previous_value && {
      endsAt: new Date(token.previous_value.ends_at),
      lastUse: token.previous_value.last_used && lastUse(token.previous_value.last_used),
    },
  };
}

function lastUse({ at, address, agent }: ShownUse): { at: Date; address: string; agent: string } {
  return { at: new Date(at), address, agent };
}
