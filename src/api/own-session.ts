import { AppError } from '../errors.ts';
import { findSecondFactors, hasSecondFactor } from '../factors/second-factor.ts';
import { listMissing, recentSeconds } from '../users/authentication-context.ts';
import { findSession, type Session } from '../users/session.ts';
import type { Call } from './operation.ts';

type Asking = Pick<Call, 'db' | 'caller'>;

/** The session of a browser that calls; AppError `forbidden` for tokens, which must not change how their person signs in. */
export async function sessionOf({ db, caller }: Asking): Promise<Session> {
  const session = caller.presentation === 'session' ? await findSession(db, caller.credential) : undefined;
  if (session) return session;
  throw new AppError('forbidden', 'Only a browser in which you are signed in can do this');
}

/**
 * `sessionOf`, where its person has proven lately who they are, with their second factor if they have one; else AppError
 * `insufficient_user_authentication` (RFC 9470 section 3). `besidesPassword` where the operation asks for that itself.
 * An organization's identity provider answers for that organization alone: who came from there changes no credential.
 */
export async function recentSessionOf(
  asking: Asking,
  options: { besidesPassword?: boolean } = {},
): Promise<Session> {
  const session = await sessionOf(asking);
  if (session.confinedTo !== undefined) {
    throw new AppError(
      'forbidden',
      'Sign in otherwise than at your organization’s identity provider to change how you sign in',
    );
  }
  const factors = await findSecondFactors(asking.db, session.userId);
  const missing = listMissing(session.ages, hasSecondFactor(factors));
  if (!missing.factor && (!missing.password || options.besidesPassword)) return session;
  const challenge = `Bearer error="insufficient_user_authentication", max_age="${recentSeconds}"`;
  throw new AppError('insufficient_user_authentication', undefined, {
    headers: { 'WWW-Authenticate': challenge },
  });
}
