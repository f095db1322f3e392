import { z } from 'zod';
import { AppError } from '../errors.ts';
import {
  endListedSession,
  endOtherSessions,
  type ListedSession,
  listedIdOf,
  listSessions,
  type SessionSelection,
} from '../users/session.ts';
import type { Caller } from '../verify/caller.ts';
import { defineOperation, type Operation } from './operation.ts';
import { personOf } from './organization.ts';

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
export function sessionOperations(): Operation[] {
  return [
    defineOperation({
      id: 'listSessions',
      method: 'GET',
      path: '/sessions',
      tag,
      summary: 'List your sessions in browsers',
      description: confinement,
      scope: 'sessions:read',
      isOwnAffair: true,
      result: z.object({ items: z.array(sessionSchema) }),
      async handle({ db, caller }) {
        const sessions = await listSessions(db, ownSessionsOf(caller));
        const own = caller.presentation === 'session' ? listedIdOf(caller.credential) : undefined;
        return { status: 200, body: { items: sessions.map((session) => showSession(session, own)) } };
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
        // A token is no session, so none is spared.
        const spared = caller.presentation === 'session' ? caller.credential : '';
        const ended = await endOtherSessions(db, ownSessionsOf(caller), spared);
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

function showSession(session: ListedSession, own: string | undefined): z.input<typeof sessionSchema> {
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
