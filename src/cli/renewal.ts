import { setTimeout as delay } from 'node:timers/promises';
import * as client from 'openid-client';
import { AppError } from '../errors.ts';
import { type Account, accountTokens, isFresh, type SignInName } from './account.ts';
import { failureOf, knownServer, proving, type RequestFailure, wordsOf } from './authorization-server.ts';
import type { Credentials } from './credentials.ts';
import { durationText } from './duration.ts';
import type { Io } from './io.ts';
import { loginCommand } from './not-signed-in.ts';

// A repeat within the server's 30 s gets the answer that was lost on the way; a later one would count as theft.
const pauseBeforeRepeatMilliseconds = 500;

/**
 * Renews a sign-in by its refresh token (RFC 6749 section 6), once among all processes: whoever waited takes what the first
 * one brought. The new tokens are kept before they are returned. A sign-in that the server refuses is forgotten.
 */
export async function renewAccount(
  io: Io,
  credentials: Credentials,
  name: SignInName,
  rejected?: string,
): Promise<Account> {
  const { issuer } = name;
  return credentials.exclusively(issuer, async () => {
    const account = await credentials.findNewest(name);
    if (!account) throw ended(name);
    const isRejected = account.access_token === rejected;
    if (isFresh(account, io.clock.now()) && !isRejected) return account;

    const leftSeconds = isRejected ? 0 : (Date.parse(account.expires_at) - io.clock.now().getTime()) / 1000;
    if (!account.refresh_token) {
      if (leftSeconds > 0) return account;
      throw ended(account);
    }
    const outcome = await refresh(io, account, account.refresh_token);
    if ('access_token' in outcome) {
      const renewed = { ...account, ...accountTokens(outcome, account, io.clock.now()) };
      await credentials.replace(renewed);
      return renewed;
    }
    if (outcome.kind === 'refused' && outcome.error === 'invalid_grant') {
      await credentials.remove(account);
      throw ended(account);
    }
    const words = `${issuer} ${outcome.kind === 'refused' ? 'refused to renew the token' : 'cannot be reached'}: ${wordsOf(outcome)}`;
    if (leftSeconds <= 0) throw new AppError('failure', words);
    io.say(`postern: ${words}; this token lasts ${durationText(leftSeconds)} more`);
    return account;
  });
}

async function refresh(
  io: Io,
  account: Account,
  refreshToken: string,
  isRepeat = false,
): Promise<client.TokenEndpointResponse | RequestFailure> {
  try {
    const server = knownServer(account, io);
    return await client.refreshTokenGrant(server, refreshToken, {}, await proving(server, account.dpop_key));
  } catch (error) {
    const failure = failureOf(error);
    if (isRepeat || failure.kind === 'refused' || !failure.mayHaveArrived) return failure;
    await delay(pauseBeforeRepeatMilliseconds);
    return refresh(io, account, refreshToken, true);
  }
}

function ended(name: SignInName): AppError {
  return new AppError(
    'not_signed_in',
    `Not signed in: the sign-in to ${name.issuer} has ended, run ${loginCommand(name)}`,
  );
}
