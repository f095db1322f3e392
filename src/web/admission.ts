import { acceptInvitation, findInvitation, type Invitation } from '../organizations/invitation.ts';
import type { Database } from '../postgres/pool.ts';
import { hashNewPassword, type PasswordRefusal } from '../users/password.ts';
import { addUser, findUserByEmail } from '../users/user.ts';

/** How an acceptance ended; `exists`: somebody has the address already, and must sign in. */
export type Acceptance =
  | { accepted: Invitation; userId: string }
  | { refusal: 'unknown' | 'exists' }
  | { refusal: 'password'; reason: PasswordRefusal };

/** Who has accepted what; `isNew` where that has made their account. */
export type Accepted = { user: { id: string; email: string }; invitation: Invitation; isNew: boolean };

/** Writes an acceptance down, in its transaction. */
export type TellAccepted = (tx: Database, accepted: Accepted) => Promise<void>;

/** Makes the person who is signed in a member. */
export async function acceptAs(
  db: Database,
  text: string,
  { userId, email }: { userId: string; email: string },
  tell: TellAccepted,
): Promise<Acceptance> {
  return await db.transaction(async (tx) => {
    const user = { id: userId, email };
    const accepted = await acceptInvitation(tx, text, user);
    if (!accepted) return { refusal: 'unknown' };
    await tell(tx, { user, invitation: accepted, isNew: false });
    return { accepted, userId };
  });
}

/** Makes an account for the invited address with the password that its person chose, and it a member: both or neither. */
export async function registerAndAccept(
  db: Database,
  text: string,
  password: string,
  tell: TellAccepted,
): Promise<Acceptance> {
  const invitation = await findInvitation(db, text);
  if (!invitation) return { refusal: 'unknown' };
  if (await findUserByEmail(db, invitation.email)) return { refusal: 'exists' };
  const hashed = await hashNewPassword(password, invitation.email);
  if ('refusal' in hashed) return { refusal: 'password', reason: hashed };
  const undo = new Error('the invitation has ended meanwhile');
  try {
    return await db.transaction(async (tx): Promise<Acceptance> => {
      const added = await addUser(tx, { email: invitation.email, passwordHash: hashed.hash });
      if ('refusal' in added) return { refusal: 'exists' };
      const accepted = await acceptInvitation(tx, text, added.user);
      if (!accepted) throw undo;
      await tell(tx, { user: added.user, invitation: accepted, isNew: true });
      return { accepted, userId: added.user.id };
    });
  } catch (error) {
    if (error === undo) return { refusal: 'unknown' };
    throw error;
  }
}
