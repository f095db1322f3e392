import type { Limits } from '../limits/limits.ts';
import type { PolicyName } from '../limits/policy.ts';
import type { Database } from '../postgres/pool.ts';
import { verifyPassword } from './password.ts';
import type { Session } from './session.ts';
import { findUser, findUserByEmail, normalizeEmail, type User } from './user.ts';

/** What somebody tries to sign in with. `network` is the caller's address prefix, which counts as one caller. */
export type Attempt = {
  email: string;
  password: string;
  network: string;
  /** A browser in which these users have signed in before; proven, not claimed. */
  knownBrowser?: { id: string; userIds: readonly string[] } | undefined;
};

/** How it ended. `wrong` is one answer, after one time, for an unknown email, a disabled user and a wrong password. */
export type SignIn =
  | { outcome: 'signed_in'; user: User; amr: string[] }
  | { outcome: 'wrong' }
  | { outcome: 'too_many_tries'; retryAfterSeconds: number };

/** How it ended, and whose account it was: for what is written down, and nobody's answer. */
export type Tried = { outcome: SignIn['outcome']; user: User | undefined };

/** Checks email and password, throttled per account and network. Starts no session. `tell` hears whose account it was. */
export async function signIn(
  db: Database,
  limits: Limits,
  attempt: Attempt,
  tell: (tried: Tried) => void = () => {},
): Promise<SignIn> {
  const user = await findUserByEmail(db, attempt.email);
  const end = (result: SignIn): SignIn => {
    tell({ outcome: result.outcome, user });
    return result;
  };
  const budgets = listBudgets(attempt, user);
  for (const budget of budgets) {
    const allowance = await limits.take(...budget);
    if (!allowance.allowed)
      return end({ outcome: 'too_many_tries', retryAfterSeconds: allowance.retryAfterSeconds });
  }
  const isRight = await verifyPassword(user?.passwordHash, attempt.password).catch(async (error: unknown) => {
    // Nothing was tried: others had filled the queue.
    for (const budget of budgets) await limits.giveBack(...budget);
    throw error;
  });
  if (!isRight || user === undefined || user.disabledAt !== undefined) return end({ outcome: 'wrong' });
  const [own, ...ofOthersToo] = budgets;
  if (own) await limits.forget(...own);
  for (const budget of ofOthersToo) await limits.giveBack(...budget);
  return end({ outcome: 'signed_in', user, amr: ['pwd'] });
}

/** How it ended that somebody who is signed in has given their password again. `right` has the hash that it fits. */
export type PasswordAgain =
  | { outcome: 'right'; passwordHash: string }
  | { outcome: 'wrong' }
  | { outcome: 'too_many_tries'; retryAfterSeconds: number };

/**
 * Checks the password of who is signed in, throttled per session: nobody else's tries count, and theirs no one else's.
 * Sessions from one identity provider count as one: it can begin as many as it likes without the password.
 */
export async function checkPasswordAgain(
  db: Database,
  limits: Limits,
  {
    session: { userId, identityProvider },
    sessionId,
    password,
  }: { session: Pick<Session, 'userId' | 'identityProvider'>; sessionId: string; password: string },
): Promise<PasswordAgain> {
  const budget: Budget = ['sign_in_by_account_and_browser', userId, identityProvider ?? sessionId];
  const allowance = await limits.take(...budget);
  if (!allowance.allowed)
    return { outcome: 'too_many_tries', retryAfterSeconds: allowance.retryAfterSeconds };
  const user = await findUser(db, userId);
  if (!(await verifyPassword(user?.passwordHash, password)) || user?.passwordHash === undefined)
    return { outcome: 'wrong' };
  await limits.forget(...budget);
  return { outcome: 'right', passwordHash: user.passwordHash };
}

type Budget = [policy: PolicyName, ...key: string[]];

/** What the try is counted against, the narrowest first: a budget that one person has spent costs nobody else. */
function listBudgets({ email, network, knownBrowser }: Attempt, user: User | undefined): Budget[] {
  if (user && knownBrowser?.userIds.includes(user.id)) {
    return [['sign_in_by_account_and_browser', user.id, knownBrowser.id]];
  }
  const account = normalizeEmail(email);
  return [
    ['sign_in_by_account_and_address', account, network],
    ['sign_in_by_address', network],
    ['sign_in_by_account', account],
  ];
}
