import { type Account, isFresh } from './account.ts';
import type { Choice, Credentials } from './credentials.ts';
import type { Io } from './io.ts';
import { notSignedIn } from './not-signed-in.ts';

/**
 * The sign-in that is meant, with an access token that still lasts, renewed first where it does not.
 * `rejected` is an access token that the server no longer takes. `not_signed_in` where there is none, or the server ended it.
 */
export async function getFreshAccount(
  io: Io,
  credentials: Credentials,
  choice: Choice,
  rejected?: string,
): Promise<Account> {
  const account = await credentials.find(choice);
  if (!account) throw await notSignedIn(credentials, choice);
  if (isFresh(account, io.clock.now()) && account.access_token !== rejected) return account;
  const { renewAccount } = await import('./renewal.ts');
  return renewAccount(io, credentials, account, rejected);
}
