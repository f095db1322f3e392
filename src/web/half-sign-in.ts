import type { SealedCookie } from './sealed-cookie.ts';

/** Somebody whose password was right, and whose second factor is still to come. */
export type HalfSignIn = {
  userId: string;
  amr: readonly string[];
  /** When the password that was right was chosen; another one ends this. */
  passwordChangedAt: string | undefined;
};

/** Seconds in which the second factor must follow the password. */
export const halfSignInSeconds = 300;

/** Where a browser keeps how far a sign-in has come; it is no session, and opens nothing but the next page. */
export type HalfSignIns = SealedCookie<HalfSignIn>;
