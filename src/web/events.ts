import type { Act, Happening } from '../audit/action.ts';
import type { Actor, AuditEvent, Origin } from '../audit/event.ts';
import type { Decided, DeviceRequest } from '../oauth/device.ts';
import type { Session } from '../users/session.ts';
import type { Tried } from '../users/sign-in.ts';
import type { Accepted } from './admission.ts';

/** How a try to sign in ended. What was typed is in it only where it is the address of an account. */
export function signInTried({ outcome, user }: Tried, origin: Origin): AuditEvent<Happening> {
  const target = user && { kind: 'user' as const, id: user.id, name: user.email };
  const nobody = { kind: 'nobody' as const };
  switch (outcome) {
    case 'signed_in': {
      const actor = user ? { kind: 'person' as const, id: user.id, name: user.email } : nobody;
      return { action: 'sign_in.succeeded', actor, target, origin };
    }
    case 'wrong': {
      const reason = !user ? 'no such account' : user.disabledAt ? 'disabled' : 'wrong password';
      return { action: 'sign_in.failed', actor: nobody, target, origin, reason };
    }
    case 'too_many_tries':
      return { action: 'sign_in.limited', actor: nobody, target, origin, reason: 'too many tries' };
  }
}

/** A session in a browser has ended. */
export function sessionEnded(session: Session, origin: Origin): AuditEvent<Act> {
  return {
    action: 'session.ended',
    actor: personOf(session),
    target: { kind: 'user', id: session.userId, name: session.email },
    organizationId: session.organizationId,
    origin,
  };
}

/** A person looks at what a device asks for. */
export function deviceOpened(
  session: Session,
  request: DeviceRequest,
  origin: Origin,
): AuditEvent<Happening> {
  return {
    action: 'device.opened',
    actor: personOf(session),
    target: { kind: 'client', id: request.clientId, name: request.clientName },
    organizationId: session.organizationId,
    origin,
  };
}

/** A person has let a device in, or not. */
export function deviceDecided(
  action: 'device.approved' | 'device.denied',
  session: Session,
  { clientId, resource, scopes }: Decided,
  origin: Origin,
): AuditEvent<Act> {
  return {
    action,
    actor: personOf(session),
    target: { kind: 'client', id: clientId },
    organizationId: session.organizationId,
    origin,
    details: { resource, scopes },
  };
}

/** A person has accepted an invitation, and perhaps got an account by it. */
export function invitationAccepted({ user, invitation, isNew }: Accepted, origin: Origin): AuditEvent<Act>[] {
  const { organizationId } = invitation;
  const actor = personOf({ userId: user.id, email: user.email });
  const target = { kind: 'invitation', id: invitation.id, name: invitation.email } as const;
  const details = { role: invitation.role };
  return [
    ...(isNew
      ? [
          {
            action: 'user.added' as const,
            actor,
            target: { kind: 'user' as const, id: user.id, name: user.email },
            organizationId,
            origin,
          },
        ]
      : []),
    { action: 'invitation.accepted', actor, target, organizationId, origin, details },
  ];
}

/** A person has chosen the organization to act in. */
export function organizationChosen(
  session: Session,
  organizationId: string,
  origin: Origin,
): AuditEvent<Act> {
  return {
    action: 'session.organization_chosen',
    actor: personOf(session),
    target: { kind: 'organization', id: organizationId },
    organizationId,
    origin,
  };
}

function personOf({ userId, email }: Pick<Session, 'userId' | 'email'>): Actor {
  return { kind: 'person', id: userId, name: email };
}
