import type { signedOut as english } from '../en/signed-out.ts';

/** The page after signing out in the browser. */
export const signedOut: typeof english = {
  title: 'Abgemeldet',
  heading: 'Sie sind abgemeldet',
  lead: 'Dieser Browser ist abgemeldet. Geräte, die Sie zugelassen haben, bleiben angemeldet.',
  enterCode: 'Code eingeben',
};
