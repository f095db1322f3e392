import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { normalRange } from '../tokens/address-range.ts';
import type { ApiToken, LastUse } from '../tokens/api-token.ts';
import { name } from './name.ts';
import { shownPermissions, showPermissions } from './permissions.ts';

/** What people remember about a token. */
export const note = z
  .string('write a text')
  .max(1000, 'write at most 1000 characters')
  .meta({ example: 'Runs on the machine in the cellar' });

/** An address or a network in CIDR notation. */
export const addressRange = z
  .union(
    [z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()],
    'write an address such as 192.0.2.1, or a range such as 192.0.2.0/24',
  )
  .refine((text) => normalRange(text) !== undefined, 'write an IPv4 range as one, such as 192.0.2.0/24')
  .meta({ example: '192.0.2.0/24' });

const instant = z.iso.datetime();
const lastUsed = z.object({ at: instant, address: z.string(), agent: z.string() });

const permissions = { 'https://api.example.com': ['read'] };
const example = {
  id: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
  kind: 'private',
  name: 'Nightly backup',
  note: 'Runs on the machine in the cellar',
  owner: { id: '7c9eb462-3d4c-462f-85bb-0126d69fadc5', email: 'demo@example.com' },
  state: 'active',
  permissions,
  present_permissions: permissions,
  address_ranges: ['192.0.2.0/24'],
  created_at: '2026-11-22T09:30:00.000Z',
  expires_at: '2030-01-31T12:00:00.000Z',
  last_used: { at: '2026-11-22T10:00:00.000Z', address: '192.0.2.1', agent: 'curl/8.14.1' },
};

/** An API token as it is shown to its people: never a value. */
export const tokenSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(['private', 'shared', 'legacy']),
    name,
    note,
    owner: z.object({ id: z.uuid(), email: z.string() }),
    state: z.enum(['active', 'disabled', 'expired', 'waiting', 'refused']),
    permissions: shownPermissions
      .optional()
      .meta({ description: 'What was asked for it; absent for a legacy token.' }),
    present_permissions: shownPermissions.optional().meta({
      description:
        'What it may do at this moment: not more than its owner and the policy of the organization allow.',
    }),
    address_ranges: z.array(z.string()),
    reason: z.string().optional(),
    created_at: instant,
    expires_at: instant.optional(),
    disabled_at: instant.optional(),
    disabled_by: z.enum(['owner', 'administrator', 'operator']).optional().meta({
      description:
        'Only who has `tokens:manage` enables again what an administrator or the operator has disabled. Absent where nobody knows.',
    }),
    last_used: lastUsed.optional(),
    previous_value: z
      .object({ ends_at: instant, last_used: lastUsed.optional() })
      .optional()
      .meta({ description: 'The owner’s value before the present one, while it lives on.' }),
    holdings: z.object({ members: z.int() }).optional().meta({
      description:
        'How many members have a value of a shared token, which ends with it; shown of one token alone.',
    }),
  })
  .meta({ id: 'Token', example });

/** A token with the value that it has just been given. */
export const tokenWithValueSchema = tokenSchema
  .extend({
    value: z.string().meta({ description: 'Shown once.', example: 'pst_api_…' }),
    previous_value_ends_at: instant.optional(),
  })
  .meta({ id: 'TokenWithValue', example: { ...example, value: 'pst_api_…' } });

/** A token on the wire. */
export type ShownToken = z.input<typeof tokenSchema>;

/** How a token is shown. */
export function showToken(token: ApiToken, clock: Clock): ShownToken {
  const isLegacy = token.kind === 'legacy';
  return {
    id: token.id,
    kind: token.kind,
    name: token.name,
    note: token.note,
    owner: { id: token.ownerId, email: token.ownerEmail },
    state: stateOf(token, clock.now()),
    ...(!isLegacy && {
      permissions: showPermissions(token.permissions),
      present_permissions: showPermissions(token.present),
    }),
    address_ranges: token.addressRanges,
    ...(token.approvalReason !== undefined && { reason: token.approvalReason }),
    created_at: token.createdAt.toISOString(),
    ...(token.expiresAt && { expires_at: token.expiresAt.toISOString() }),
    ...(token.disabledAt && { disabled_at: token.disabledAt.toISOString() }),
    ...(token.disabledBy && { disabled_by: token.disabledBy }),
    ...(token.lastUse && { last_used: showUse(token.lastUse) }),
    ...(token.previousValue && {
      previous_value: {
        ends_at: token.previousValue.endsAt.toISOString(),
        ...(token.previousValue.lastUse && { last_used: showUse(token.previousValue.lastUse) }),
      },
    }),
  };
}

function showUse({ at, address, agent }: LastUse): z.infer<typeof lastUsed> {
  return { at: at.toISOString(), address, agent };
}

function stateOf(token: ApiToken, now: Date): ShownToken['state'] {
  if (token.approval === 'refused') return 'refused';
  if (token.disabledAt) return 'disabled';
  if (token.expiresAt && token.expiresAt <= now) return 'expired';
  return token.approval === 'requested' ? 'waiting' : 'active';
}
