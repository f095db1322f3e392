import { card, table } from '../admin/table.ts';
import type { Io } from '../io.ts';
import type { ApiFlags } from './flags.ts';
import { type Permissions, permissionRows } from './permissions.ts';
import { print } from './print.ts';

/** An API token as the management API shows it. */
export type Token = {
  id: string;
  kind: 'private' | 'shared' | 'legacy';
  name: string;
  note: string;
  owner: { id: string; email: string };
  state: 'active' | 'disabled' | 'expired' | 'waiting' | 'refused';
  permissions?: Permissions;
  present_permissions?: Permissions;
  address_ranges: string[];
  reason?: string;
  created_at: string;
  expires_at?: string;
  disabled_at?: string;
  disabled_by?: 'owner' | 'administrator' | 'operator';
  last_used?: { at: string; address: string; agent: string };
};

/** A token with the value that it has just been given. */
export type TokenWithValue = Token & { value: string; previous_value_ends_at?: string };

/** A token for people. */
export function tokenCard(token: Token): string {
  const { last_used: used } = token;
  return card([
    ['id', token.id],
    ['name', token.name],
    ['note', token.note],
    ['kind', token.kind],
    ['owner', token.owner.email],
    ['state', token.state],
    ...permissionRows('permissions', token.permissions),
    ...permissionRows('of these, now', token.present_permissions),
    ['from', token.address_ranges.join(' ') || 'anywhere'],
    ['reason', token.reason],
    ['created', token.created_at],
    ['expires', token.expires_at ?? 'never'],
    ['disabled', disabling(token)],
    ['last used', used && `${used.at} from ${used.address} by ${used.agent}`],
  ]);
}

function disabling({ disabled_at: at, disabled_by: by }: Token): string | undefined {
  return by === undefined ? at : `${at} by ${disablers[by]}`;
}

const disablers = {
  owner: 'its owner',
  administrator: 'an administrator of the organization',
  operator: 'the operator of the server',
};

/** Tokens for people, a line each. */
export function tokenTable(tokens: readonly Token[]): string {
  return table([
    ['NAME', 'STATE', 'KIND', 'OWNER', 'EXPIRES', 'LAST USED', 'ID'],
    ...tokens.map((token) => [
      token.name,
      token.state,
      token.kind,
      token.owner.email,
      token.expires_at ?? 'never',
      token.last_used?.at ?? 'never',
      token.id,
    ]),
  ]);
}

/** Prints a value that is not shown again: alone on stdout, so that it can go straight to where it is kept. */
export function printValue(io: Io, token: TokenWithValue, flags: ApiFlags): void {
  print(io, token, flags, ({ value }) => value);
  if (token.state === 'waiting') io.say('It works as soon as an administrator approves it.');
  if (token.previous_value_ends_at) io.say(`The value before works until ${token.previous_value_ends_at}.`);
  io.say('Keep the value now: it is not shown again.');
}
