import { z } from 'zod';
import { listMails, type MailState } from '../mail/queue.ts';
import type { Cursors } from './cursor.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf } from './organization.ts';
import { pageOf, pageQuery, readNewest } from './page.ts';

const states = ['waiting', 'sent', 'failed'] as const;

const mailSchema = z
  .object({
    id: z.uuid(),
    kind: z.string().meta({ example: 'invitation' }),
    recipient: z.string(),
    state: z.enum(states),
    attempts: z.int(),
    created_at: z.iso.datetime(),
    at: z.iso
      .datetime()
      .meta({ description: 'When it was sent or given up; of one that waits, when it is tried next.' }),
    failure: z.string().optional().meta({ description: 'What the mail server said the last time.' }),
  })
  .meta({
    id: 'Mail',
    example: {
      id: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
      kind: 'invitation',
      recipient: 'new@example.com',
      state: 'failed',
      attempts: 1,
      created_at: '2026-11-22T09:30:00.000Z',
      at: '2026-11-22T09:30:01.000Z',
      failure: '550 5.1.1 no such mailbox',
    },
  });

/** What became of the mail that the server has sent for the organization. */
export function mailOperations({ cursors }: { cursors: Cursors }): Operation[] {
  return [
    defineOperation({
      id: 'listMails',
      method: 'GET',
      path: '/mails',
      tag: 'Mail',
      summary: 'List the mail that was sent for your organization, the newest first',
      description: 'Of the last 30 days, and without what it says.',
      scope: 'members:read',
      query: pageQuery.extend({ state: z.enum(states, `write ${states.join(', ')}`).optional() }),
      result: pageOf(mailSchema),
      async handle({ db, caller, query }) {
        const organizationId = organizationOf(caller);
        const { state } = query;
        const body = await readNewest(cursors, `mails ${organizationId} ${state ?? 'all'}`, query, {
          read: (page) => listMails(db, { organizationId, state }, page),
          show: showMail,
        });
        return { status: 200, body };
      },
    }),
  ];
}

function showMail(mail: MailState): z.input<typeof mailSchema> {
  const { id, kind, recipient, state, attempts, failure } = mail;
  return {
    id,
    kind,
    recipient,
    state,
    attempts,
    created_at: mail.createdAt.toISOString(),
    at: mail.at.toISOString(),
    ...(failure !== undefined && { failure }),
  };
}
