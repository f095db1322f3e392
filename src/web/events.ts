import type { Act, Happening } from '../audit/action.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Actor, AuditEvent, Origin, Target } from '../audit/event.ts';
import type { PasskeyProof } from '../factors/proof.ts';
import type { Notices } from '../notices/notices.ts';
import type { DeviceRequest } from '../oauth/device.ts';
import type { ApprovalOutcome, Decided } from '../oauth/device-decision.ts';
import type { Reported } from '../oauth/device-report.ts';
import type { Database } from '../postgres/pool.ts';
import type { Session } from '../users/session.ts';
import type { Tried } from '../users/sign-in.ts';
import type { Accepted } from './admission.ts';

/** How a try to sign in failed. What was typed is in it only where it is the address of an account. */
export function signInFailed({ outcome, user }: Tried, origin: Origin): AuditEvent<Happening> {
  const about = { actor: { kind: 'nobody' as const }, target: user && userTarget(user), origin };
  if (outcome === 'too_many_tries') return { action: 'sign_in.limited', ...about, reason: 'too many tries' };
  const reason = !user ? 'no such account' : user.disabledAt ? 'disabled' : 'wrong password';
  return { action: 'sign_in.failed', ...about, reason };
}

/** Somebody has signed in, with everything that is asked of them. */
export function signedIn(user: Named, amr: readonly string[], origin: Origin): AuditEvent<Happening> {
  const actor = { kind: 'person', id: user.id, name: user.email } as const;
  return { action: 'sign_in.succeeded', actor, target: userTarget(user), origin, details: { amr } };
}

/** Somebody who knows a password has given a code that is not good, or too many of them. */
export function secondFactorFailed(
  outcome: 'wrong' | 'too_many_tries',
  user: Named,
  origin: Origin,
): AuditEvent<Happening> {
  const about = { actor: { kind: 'nobody' as const }, target: userTarget(user), origin };
  return outcome === 'wrong'
    ? { action: 'second_factor.failed', ...about, reason: 'wrong code' }
    : { action: 'second_factor.limited', ...about, reason: 'too many tries' };
}

/** A passkey has answered, and was not believed. */
export function passkeyRefused(
  { reason, passkey }: Extract<PasskeyProof, { outcome: 'refused' }>,
  origin: Origin,
): AuditEvent<Happening> {
  const target = passkey && { kind: 'passkey' as const, id: passkey.id, name: passkey.email };
  return { action: 'passkey.refused', actor: { kind: 'nobody' }, target, origin, reason };
}

/** A recovery code stood in for a second factor. */
export function recoveryCodeUsed(user: Named, origin: Origin): AuditEvent<Act> {
  const actor = { kind: 'person', id: user.id, name: user.email } as const;
  return { action: 'recovery_code.used', actor, target: userTarget(user), origin };
}

/** Who is signed in has proven again who they are. */
export function provenAgain(session: Session, amr: readonly string[], origin: Origin): AuditEvent<Act> {
  return {
    action: 'session.proven_again',
    actor: personOf(session),
    target: { kind: 'user', id: session.userId, name: session.email },
    organizationId: session.organizationId,
    origin,
    details: { amr },
  };
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
  ending: 'approved' | 'denied' | 'numbers_spent',
  session: Session,
  { clientId, resource, scopes }: Decided,
  origin: Origin,
): AuditEvent<Act> {
  const action = ending === 'approved' ? 'device.approved' : 'device.denied';
  return {
    action,
    actor: personOf(session),
    target: { kind: 'client', id: clientId },
    organizationId: session.organizationId,
    origin,
    ...(ending === 'numbers_spent' && { reason: 'too many wrong numbers' }),
    details: { resource, scopes },
  };
}

/** A person tried to let a device in, and something stands in the way. */
export function deviceRefused(
  reason: ApprovalOutcome['outcome'],
  session: Session,
  clientId: string,
  origin: Origin,
): AuditEvent<Happening> {
  return {
    action: 'device.refused',
    actor: personOf(session),
    target: { kind: 'client', id: clientId },
    organizationId: session.organizationId,
    origin,
    reason: reason.replaceAll('_', ' '),
  };
}

/** Tells the administrators by mail, then writes it down: a person has not started what a device asked for. */
export async function tellReport(
  { audit, notices }: { audit: AuditLog; notices: Notices },
  tx: Database,
  { session, reported, trace }: { session: Session; reported: Reported; trace: Origin },
): Promise<void> {
  const { organizationId = session.organizationId } = reported;
  await notices.deviceReported(tx, { ...reported, userId: session.userId, organizationId });
  await audit.record(tx, deviceReported(session, reported, trace));
}

function deviceReported(
  session: Session,
  { clientId, organizationId, address, codes }: Reported,
  origin: Origin,
): AuditEvent<Act> {
  return {
    action: 'device.reported',
    actor: personOf(session),
    target: { kind: 'client', id: clientId },
    organizationId: organizationId ?? session.organizationId,
    origin,
    details: { device_codes: codes, ...(address !== undefined && { device_address: address }) },
  };
}

/** A person has taken back what they allowed a device. */
export function grantUndone(session: Session, grantId: string, origin: Origin): AuditEvent<Act> {
  return {
    action: 'grant.revoked',
    actor: personOf(session),
    target: { kind: 'grant', id: grantId.slice(0, 16), name: session.userId },
    organizationId: session.organizationId,
    origin,
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

type Named = { id: string; email: string };

function userTarget({ id, email }: Named): Target {
  return { kind: 'user', id, name: email };
}

function personOf({ userId, email }: Pick<Session, 'userId' | 'email'>): Actor {
  return { kind: 'person', id: userId, name: email };
}
