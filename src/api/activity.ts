import { z } from 'zod';
import type { Action } from '../audit/action.ts';
import { countDays } from '../audit/activity.ts';
import { countOpenInvitations } from '../organizations/invitation.ts';
import { countWaitingTokens } from '../tokens/api-token.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf } from './organization.ts';

/** What is counted, and which events of the audit log count as that. */
const kinds = {
  tokens_issued: ['access_token.issued', 'access_token.downloaded', 'token.created', 'token.rotated'],
  tokens_refused: [
    'client.authentication_failed',
    'device_code.reused',
    'refresh_token.reused',
    'token.refused',
  ],
  sign_ins: ['sign_in.succeeded'],
  sign_ins_failed: ['sign_in.failed', 'sign_in.limited', 'second_factor.failed', 'second_factor.limited'],
  devices_approved: ['device.approved'],
  devices_denied: ['device.denied', 'device.refused', 'device.reported'],
} as const satisfies Record<string, readonly Action[]>;

type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];
const drawn: readonly Action[] = Object.values(kinds).flat();
const count = z.int().min(0);
const example = {
  day: '2026-11-22',
  tokens_issued: 120,
  tokens_refused: 3,
  sign_ins: 14,
  sign_ins_failed: 1,
  devices_approved: 2,
  devices_denied: 0,
};

const activitySchema = z
  .object({
    days: z
      .array(
        z.object({
          day: z.iso.date().meta({ description: 'In UTC.' }),
          tokens_issued: count.meta({ description: 'Access tokens and API tokens.' }),
          tokens_refused: count.meta({
            description:
              'Programs that could not authenticate, what was used again, and API tokens not approved.',
          }),
          sign_ins: count.meta({ description: 'Of members, in browsers.' }),
          sign_ins_failed: count,
          devices_approved: count,
          devices_denied: count,
        }),
      )
      .meta({ description: 'The last 30, oldest first, today among them.' }),
    waiting: z
      .object({ tokens: count, invitations: count })
      .meta({ description: 'API tokens that wait for approval, and open invitations.' }),
  })
  .meta({ id: 'Activity', example: { days: [example], waiting: { tokens: 1, invitations: 2 } } });

/** What has happened lately, on the wire. */
export type ShownActivity = z.input<typeof activitySchema>;

/** What has happened in the organization, in numbers. */
export function activityOperations(): Operation[] {
  return [
    defineOperation({
      id: 'showActivity',
      method: 'GET',
      path: '/activity',
      tag: 'Audit',
      summary: 'Count what has happened in your organization on each of the last 30 days',
      description: 'From the audit log, within a second; and what waits for an administrator.',
      scope: 'audit:read',
      result: activitySchema,
      async handle({ db, caller }) {
        const organizationId = organizationOf(caller);
        const { days, counted } = await countDays(db, organizationId, drawn);
        const times = (day: string, kind: Kind) =>
          counted
            .filter((each) => each.day === day && (kinds[kind] as readonly Action[]).includes(each.action))
            .reduce((sum, each) => sum + each.times, 0);
        const shown = days.map((day) => ({
          day,
          ...(Object.fromEntries(kindNames.map((kind) => [kind, times(day, kind)])) as Record<Kind, number>),
        }));
        const waiting = {
          tokens: await countWaitingTokens(db, organizationId),
          invitations: await countOpenInvitations(db, organizationId),
        };
        return { status: 200, body: { days: shown, waiting } };
      },
    }),
  ];
}
