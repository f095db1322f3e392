import type { Command } from 'commander';
import { AppError } from '../errors.ts';
import type { Account } from './account.ts';
import { openSignIns } from './auth-file.ts';
import type { Credentials } from './credentials.ts';
import type { Io } from './io.ts';
import { namedIssuer } from './issuer.ts';

/** Adds `postern logout`. */
export function register(program: Command, io: Io): void {
  program
    .command('logout')
    .description('end every sign-in at a server and forget it here')
    .option('--issuer <url>', 'which server (default: POSTERN_ISSUER, else that of the last login)')
    .option('--file <path>', 'that in this file, such as auth.json (default: POSTERN_AUTH_FILE)')
    .action(({ issuer, file }: { issuer?: string; file?: string }) =>
      logout(io, namedIssuer(issuer, io), openSignIns(io, file)),
    );
}

/** Forgets in any case, so that nothing usable stays on this machine; what the server could not be told is a failure. */
async function logout(io: Io, named: string | undefined, credentials: Credentials): Promise<void> {
  const issuer = named ?? (await credentials.findCurrentIssuer());
  const faults = issuer === undefined ? undefined : await endAll(io, credentials, issuer);
  if (!faults) {
    const others = named ? [] : await credentials.listIssuers();
    const hint = others.length > 0 ? ` Name one with --issuer: ${others.join(', ')}` : '';
    io.say(`Not signed in${named ? ` to ${named}` : ''}; nothing to do.${hint}`);
    return;
  }
  const [fault] = faults;
  if (fault) {
    throw new AppError(
      'failure',
      `Signed out on this machine alone: ${fault}. Until it expires, the sign-in works for whoever holds a copy`,
    );
  }
  io.say(`Signed out of ${issuer}.`);
}

/** Ends every sign-in at an issuer, and tells what went wrong; `undefined` where there was none. */
async function endAll(io: Io, credentials: Credentials, issuer: string): Promise<string[] | undefined> {
  if ((await credentials.listAt(issuer)).length === 0) return undefined;
  return credentials.exclusively(issuer, async () => {
    const accounts = await credentials.listAt(issuer);
    const faults = await Promise.all(accounts.map((account) => revoke(io, account)));
    for (const account of accounts) await credentials.remove(account);
    return faults.filter((fault) => fault !== undefined);
  });
}

/** Revokes the refresh token and with it the whole grant (RFC 7009); resolves to what went wrong. */
async function revoke(io: Io, account: Account): Promise<string | undefined> {
  if (!account.client_id) return 'the file does not tell which client it is of';
  if (!account.revocation_endpoint) return `${account.issuer} offers no revocation`;
  const [{ tokenRevocation }, { failureOf, knownServer, wordsOf }] = await Promise.all([
    import('openid-client'),
    import('./authorization-server.ts'),
  ]);
  const { refresh_token, access_token } = account;
  const hint = refresh_token ? 'refresh_token' : 'access_token';
  try {
    await tokenRevocation(knownServer(account, io), refresh_token ?? access_token, { token_type_hint: hint });
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    return failure.kind === 'refused'
      ? `${account.issuer} refused to revoke it: ${wordsOf(failure)}`
      : `${account.issuer} could not be told: ${failure.reason}`;
  }
}
