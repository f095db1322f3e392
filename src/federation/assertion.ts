import { isEmail, normalizeEmail } from '../users/user.ts';

/** What a provider says of a person. */
export type Assertion = {
  subject: string;
  /** As addresses are kept here. */
  email: string | undefined;
  isEmailVerified: boolean;
  /** How they signed in there (RFC 8176), after `fed`. */
  amr: string[];
  acr: string | undefined;
  authenticatedAt: Date | undefined;
};

/** Reads claims that were checked (OpenID Connect Core 1.0 sections 2 and 5.1). What is malformed counts as not said. */
export function readAssertion(claims: { sub: string } & Record<string, unknown>): Assertion {
  const email = typeof claims.email === 'string' ? normalizeEmail(claims.email) : '';
  const { auth_time: time } = claims;
  return {
    subject: claims.sub,
    email: isEmail(email) ? email : undefined,
    // Some write "true"; a word that lets people in must be meant exactly.
    isEmailVerified: claims.email_verified === true,
    amr: ['fed', ...[claims.amr].flat().filter(isWord)].slice(0, 10),
    acr: isWord(claims.acr) ? claims.acr : undefined,
    authenticatedAt: typeof time === 'number' && time > 0 && time < 1e11 ? new Date(time * 1000) : undefined,
  };
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,200}$/.test(value);
}
