import { z } from 'zod';
import { actionNames } from '../audit/action.ts';
import { eventJson, listEvents, listEventsFromOldest } from '../audit/events.ts';
import type { Cursors } from './cursor.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf } from './organization.ts';
import { pageOf, pageQuery, readPage } from './page.ts';

const instant = z.iso
  .datetime({ error: 'write a time such as 2030-01-31T12:00:00Z' })
  .transform((text) => new Date(text));
const name = z.string().min(1, 'write a name or an id').max(300);

const query = pageQuery.extend({
  actor: name.optional().meta({
    description: 'Who: the id or the name of a person or program, or the id of what they called with.',
  }),
  action: z.enum(actionNames, 'write the name of an action').optional(),
  target: name.optional().meta({ description: 'What it was done to: an id or a name.' }),
  from: instant.optional().meta({ description: 'Not before this time.' }),
  to: instant.optional().meta({ description: 'Before this time.' }),
  after: z.coerce
    .number('write a sequence number')
    .int('write a sequence number')
    .min(0, 'write a sequence number')
    .optional()
    .meta({ description: 'Behind this sequence number: to go on where an export has ended.' }),
  order: z
    .enum(['newest', 'oldest'], 'write newest or oldest')
    .default('newest')
    .meta({ description: 'Which come first.' }),
});

const eventSchema = z
  .object({
    sequence: z.int().meta({ description: 'Counts the events of your organization without a gap.' }),
    at: z.iso.datetime(),
    action: z.string().meta({ example: 'token.created' }),
    words: z.string().meta({ description: 'The action in words.' }),
    outcome: z.enum(['success', 'refused']),
    reason: z.string().optional(),
    actor: z.object({
      kind: z.string().meta({
        description: 'person, program, api_token, operator (at the command line), server, or nobody.',
      }),
      id: z.string().optional(),
      name: z.string().optional(),
      via: z
        .string()
        .optional()
        .meta({ description: 'What they called with: the id of an API token or of a program.' }),
    }),
    target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().optional() }).optional(),
    address: z.string().optional(),
    agent: z.string().optional(),
    request_id: z.string().optional(),
    details: z.record(z.string(), z.unknown()),
    mac: z.string().meta({ description: 'Over this event and the one before it.' }),
  })
  .meta({ id: 'AuditEvent' });

/** An event on the wire. */
export type ShownAuditEvent = z.input<typeof eventSchema>;

const page = pageOf(eventSchema);

/** What has happened in the organization. */
export function auditOperations({ cursors }: { cursors: Cursors }): Operation[] {
  return [
    defineOperation({
      id: 'listAuditEvents',
      method: 'GET',
      path: '/audit-events',
      tag: 'Audit',
      summary: 'List what has happened in your organization',
      description: 'What happens often, such as sign-ins and tokens, is here within a second.',
      scope: 'audit:read',
      query,
      result: page,
      async handle({ db, caller, query }) {
        const organizationId = organizationOf(caller);
        const { limit: _, cursor: __, ...chosen } = query;
        const { order, ...filter } = chosen;
        // A cursor belongs to its filters too: behind others it would be another place.
        const list = `audit events ${organizationId} ${JSON.stringify(chosen)}`;
        const body = await readPage(cursors, list, query, {
          read: ({ after, limit }) => {
            const last = after === undefined ? undefined : Number(after);
            return order === 'oldest'
              ? listEventsFromOldest(db, organizationId, { ...filter, after: last ?? filter.after }, limit)
              : listEvents(db, organizationId, filter, { before: last, limit });
          },
          keyOf: ({ sequence }) => String(sequence),
          show: eventJson,
        });
        return { status: 200, body };
      },
    }),
  ];
}
