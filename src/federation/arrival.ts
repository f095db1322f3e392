import { addIdentity, findIdentityUser, lockIdentity } from '../identity-providers/identity.ts';
import type { IdentityProvider } from '../identity-providers/identity-provider.ts';
import { acceptInvitation, findInvitation, type Invitation } from '../organizations/invitation.ts';
import { addMember, findMember } from '../organizations/member.ts';
import type { Database } from '../postgres/pool.ts';
import { addUser, findUser, findUserByEmail, type User } from '../users/user.ts';
import type { Assertion } from './assertion.ts';

/** What has become of a person by signing in at a provider, besides that they are signed in. */
export type Admission = {
  user: User;
  /** Whether the provider's subject was found to be them just now, and whether they have got an account by it. */
  isLinked: boolean;
  isNew: boolean;
  /** What they have become by the domain of their address. */
  membership: { organizationId: string; role: 'administrator' | 'member' } | undefined;
  accepted: Invitation | undefined;
};

/**
 * Why somebody whom a provider knows is not let in. `email_unverified`: it has not said that the address is theirs;
 * `account_exists`: the address is somebody's here, and its word is not enough; `disabled` here or in its organization;
 * `stranger`: nobody knows them, and nobody has invited them.
 */
export type ArrivalRefusal = 'email_unverified' | 'account_exists' | 'disabled' | 'stranger';

/** How an arrival has ended; a refusal is about the account, where there is one. */
export type Arrival = { admission: Admission } | { refusal: ArrivalRefusal; user?: User | undefined };

/** Writes an admission down, in its transaction. */
export type TellAdmission = (tx: Database, admission: Admission) => Promise<void>;

/**
 * Finds out who somebody is whom a provider has vouched for, and makes them an account where they may have one: by the
 * domain of a verified address, or by the invitation (its text) that waits in their browser. A provider of an
 * organization is believed about addresses of its own domains alone, and lets nobody in who is no member there.
 */
export async function arrive(
  db: Database,
  provider: IdentityProvider,
  assertion: Assertion,
  invitation: string | undefined,
  tell: TellAdmission,
): Promise<Arrival> {
  const identity = { providerId: provider.id, subject: assertion.subject };
  return await refusable(db, async (tx): Promise<Arrival> => {
    await lockIdentity(tx, identity);
    const knownId = await findIdentityUser(tx, identity);
    if (knownId !== undefined) return await recognize(tx, provider, knownId);
    const arrival = await introduce(tx, provider, assertion, invitation);
    if ('refusal' in arrival) return arrival;
    const { admission } = arrival;
    // Known there by another subject: the address has a new owner.
    if (!(await addIdentity(tx, { ...identity, userId: admission.user.id })))
      return { refusal: 'account_exists', user: admission.user };
    await tell(tx, admission);
    return arrival;
  });
}

/** A refusal undoes what was done on the way to it. */
async function refusable(db: Database, work: (tx: Database) => Promise<Arrival>): Promise<Arrival> {
  let refused: Arrival | undefined;
  const undo = new Error('refused');
  try {
    return await db.transaction(async (tx) => {
      const arrival = await work(tx);
      if ('admission' in arrival) return arrival;
      refused = arrival;
      throw undo;
    });
  } catch (error) {
    if (error === undo && refused) return refused;
    throw error;
  }
}

/** Somebody who has been here before. */
async function recognize(tx: Database, provider: IdentityProvider, userId: string): Promise<Arrival> {
  const user = await findUser(tx, userId);
  if (!user || user.disabledAt || !(await isWelcome(tx, provider, userId)))
    return { refusal: 'disabled', user };
  return { admission: { user, isLinked: false, isNew: false, membership: undefined, accepted: undefined } };
}

/** Somebody whom the provider has not brought before. */
async function introduce(
  tx: Database,
  provider: IdentityProvider,
  { email, isEmailVerified }: Assertion,
  text: string | undefined,
): Promise<Arrival> {
  if (email === undefined || !isEmailVerified) return { refusal: 'email_unverified' };
  const isOwn = provider.domains.includes(email.slice(email.lastIndexOf('@') + 1));
  const isBelieved = isOwn || provider.organizationId === undefined;
  const invitation = await findInvitationFor(tx, provider, email, text);
  // Whether anybody has an address is not told to a provider that does not speak for it.
  if (!isBelieved && !invitation) return { refusal: 'stranger' };
  const known = await findUserByEmail(tx, email);
  if (known && !(isBelieved && provider.linksVerifiedEmail))
    return { refusal: 'account_exists', user: known };
  if (known?.disabledAt) return { refusal: 'disabled', user: known };
  if (!known && !isOwn && !invitation) return { refusal: 'stranger' };
  const added = known ? { user: known } : await addUser(tx, { email, passwordHash: undefined });
  if ('refusal' in added) return { refusal: 'account_exists' };
  const { user } = added;
  // Who has an account already is asked on a page of its own.
  const accepted =
    !known && invitation && text !== undefined ? await acceptInvitation(tx, text, user) : undefined;
  const membership = isOwn ? await enrol(tx, provider, user.id) : undefined;
  if (!(await isWelcome(tx, provider, user.id)))
    return { refusal: known ? 'disabled' : 'stranger', user: known };
  return { admission: { user, isLinked: true, isNew: !known, membership, accepted } };
}

/** The open invitation for this address, if it is into an organization that the provider lets people into. */
async function findInvitationFor(
  tx: Database,
  { organizationId }: IdentityProvider,
  email: string,
  text: string | undefined,
): Promise<Invitation | undefined> {
  const invitation = text === undefined ? undefined : await findInvitation(tx, text);
  if (invitation?.email !== email) return undefined;
  return organizationId === undefined || organizationId === invitation.organizationId
    ? invitation
    : undefined;
}

/** Makes who has an address of the provider's domains a member; nothing where they are one. */
async function enrol(
  tx: Database,
  { organizationId, role }: IdentityProvider,
  userId: string,
): Promise<Admission['membership']> {
  if (organizationId === undefined) return undefined;
  const added = await addMember(tx, { organizationId, userId, role });
  return 'member' in added ? { organizationId, role } : undefined;
}

/** A provider of an organization lets in who is a member there, and not disabled. */
async function isWelcome(
  tx: Database,
  { organizationId }: IdentityProvider,
  userId: string,
): Promise<boolean> {
  if (organizationId === undefined) return true;
  const member = await findMember(tx, organizationId, userId);
  return member !== undefined && member.disabledAt === undefined;
}
