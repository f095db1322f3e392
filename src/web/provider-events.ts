import type { Act, Happening } from '../audit/action.ts';
import type { AuditEvent, Origin } from '../audit/event.ts';
import type { Admission } from '../federation/arrival.ts';
import type { Assertion } from '../federation/assertion.ts';
import type { IdentityProvider } from '../identity-providers/identity-provider.ts';
import type { User } from '../users/user.ts';

/** What signing in at a provider has made of a person; nothing for who was known. All of it is in one chain. */
export function admitted(
  provider: IdentityProvider,
  { user, isLinked, isNew, membership, accepted }: Admission,
  origin: Origin,
): AuditEvent<Act>[] {
  if (!isLinked) return [];
  const organizationId = provider.organizationId ?? accepted?.organizationId;
  const person = { kind: 'person', id: user.id, name: user.email } as const;
  const account = { kind: 'user', id: user.id, name: user.email } as const;
  const event = { actor: person, organizationId, origin };
  const details = { identity_provider: provider.id };
  return [
    ...(isNew ? [{ ...event, action: 'user.added' as const, target: account, details }] : []),
    { ...event, action: 'identity.linked', target: account, details },
    ...(accepted
      ? [
          {
            ...event,
            action: 'invitation.accepted' as const,
            target: { kind: 'invitation' as const, id: accepted.id, name: accepted.email },
            details: { role: accepted.role },
          },
        ]
      : []),
    ...(membership
      ? [
          {
            ...event,
            action: 'member.added' as const,
            target: { kind: 'member' as const, id: user.id, name: user.email },
            details: { role: membership.role, ...details },
          },
        ]
      : []),
  ];
}

/** Somebody has signed in at a provider. */
export function providerSignIn(
  { id }: IdentityProvider,
  user: User,
  { amr }: Assertion,
  origin: Origin,
): AuditEvent<Happening> {
  return {
    action: 'sign_in.succeeded',
    actor: { kind: 'person', id: user.id, name: user.email },
    target: { kind: 'user', id: user.id, name: user.email },
    origin,
    details: { identity_provider: id, amr },
  };
}

/** A sign-in at a provider has come to nothing. */
export function providerRefused(
  { id }: IdentityProvider,
  reason: string,
  user: User | undefined,
  origin: Origin,
): AuditEvent<Happening> {
  return {
    action: 'sign_in.failed',
    actor: { kind: 'nobody' },
    target: user && { kind: 'user', id: user.id, name: user.email },
    origin,
    reason: reason.replaceAll('_', ' '),
    details: { identity_provider: id },
  };
}
