import { z } from 'zod';
import { AppError } from '../errors.ts';
import {
  countOtherSessions,
  endListedSession,
  endOtherSessions,
  type ListedSession,
  listedIdOf,
  listSessions,
  type SessionSelection,
} from '../users/session.ts';
import type { Caller } from '../verify/caller.ts';
import type { Cursors } from './cursor.ts';
import { defineOperation, type Operation } from './operation.ts';
import { personOf } from './organization.ts';
import { pageOf, pageQuery, readNewest, search } from './page.ts';

const tag = 'Sessions';

const confinement =
  'A token is about those alone that act in its organization, as is a session from that organization’s own identity provider.';

const sessionSchema = z
  .object({
    id: z.string(),
    authenticated_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    amr: z.array(z.string()).meta({ description: 'How you signed in (RFC 8176).' }),
    address: z.string().optional(),
    agent: z.string().optional(),
    current: z.boolean().meta({ description: 'Whether it is the one that asks.' }),
  })
  .meta({
    id: 'Session',
    example: {
      id: '0c5f8d2a'.repeat(8),
      authenticated_at: '2026-11-22T09:30:00.000Z',
      expires_at: '2026-11-22T21:30:00.000Z',
      amr: ['pwd'],
      address: '192.0.2.1',
      agent: 'Mozilla/5.0',
      current: true,
    },
  });

/** Where the caller is signed in with a browser. */
export function sessionOperations({ cursors }: { cursors: Cursors }): Operation[] {
  return [
    defineOperation({
      id: 'listSessions',
      method: 'GET',
      path: '/sessions',
      tag,
      summary: 'List your sessions in browsers, the newest first',
      description: `Can be searched for an address and a browser’s system and what it calls itself. ${confinement}`,
      scope: 'sessions:read',
      isOwnAffair: true,
      query: pageQuery.extend({ search }),
      result: pageOf(sessionSchema).extend({
        others: z
          .int()
          .meta({ description: 'How many there are besides the one that asks, whatever was searched for.' }),
      }),
      async handle({ db, caller, query }) {
        const selection = ownSessionsOf(caller);
        const { userId, organizationId = '' } = selection;
        const asking = askingSession(caller);
        const list = `sessions ${userId} ${organizationId} ${query.search ?? ''}`;
        const page = await readNewest(cursors, list, query, {
          read: (part) => listSessions(db, selection, query, part),
          show: (session) => showSession(session, listedIdOf(asking)),
        });
        return { status: 200, body: { ...page, others: await countOtherSessions(db, selection, asking) } };
      },
    }),
    defineOperation({
      id: 'endOtherSessions',
      method: 'DELETE',
      path: '/sessions',
      tag,
      summary: 'End every session of yours but the one that asks',
      description: confinement,
      scope: 'sessions:write',
      isOwnAffair: true,
      result: z.object({ ended: z.int() }),
      async handle({ db, caller, record }) {
        const userId = personOf(caller);
        const ended = await endOtherSessions(db, ownSessionsOf(caller), askingSession(caller));
        const target = { kind: 'user', id: userId, name: caller.name } as const;
        if (ended > 0) await record({ action: 'session.ended', target, details: { times: ended } });
        return { status: 200, body: { ended } };
      },
    }),
    defineOperation({
      id: 'endSession',
      method: 'DELETE',
      path: '/sessions/{session_id}',
      tag,
      summary: 'End a session of yours',
      scope: 'sessions:write',
      isOwnAffair: true,
      params: z.strictObject({ session_id: z.string().regex(/^[0-9a-f]{64}$/, 'write the id of a session') }),
      status: 204,
      async handle({ db, caller, params, record }) {
        const userId = personOf(caller);
        if (!(await endListedSession(db, ownSessionsOf(caller), params.session_id)))
          throw new AppError('not_found', 'There is no such session of yours');
        await record({ action: 'session.ended', target: { kind: 'user', id: userId, name: caller.name } });
        return { status: 204 };
      },
    }),
  ];
}

/** All of the person's own, or those alone that act where the credential is confined to. */
function ownSessionsOf(caller: Caller): SessionSelection {
  return { userId: personOf(caller), organizationId: caller.confinedTo };
}

/** A token is no session, so none is spared. */
function askingSession({ presentation, credential }: Caller): string {
  return presentation === 'session' ? credential : '';
}

/** A session on the wire. */
export type ShownSession = z.input<typeof sessionSchema>;

function showSession(session: ListedSession, own: string): ShownSession {
  return {
    id: session.id,
    authenticated_at: session.authenticatedAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    amr: session.amr,
    ...(session.address && { address: session.address }),
    ...(session.agent && { agent: session.agent }),
    current: session.id === own,
  };
}
