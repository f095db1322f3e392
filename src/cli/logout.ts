import type { Command } from 'commander';
import { AppError } from '../errors.ts';
import type { Account } from './account.ts';
import { openCredentials } from './credentials.ts';
import type { Io } from './io.ts';
import { namedIssuer } from './issuer.ts';

/** Adds `postern logout`. */
export function register(program: Command, io: Io): void {
  program
    .command('logout')
    .description('end the sign-in at the server and forget it here')
    .option('--issuer <url>', 'which sign-in (default: POSTERN_ISSUER, else the last login)')
    .action((options: { issuer?: string }) => logout(io, namedIssuer(options.issuer, io)));
}

/** Forgets in any case, so that nothing usable stays on this machine; what the server could not be told is a failure. */
async function logout(io: Io, named: string | undefined): Promise<void> {
  const credentials = openCredentials(io.env);
  const issuer = named ?? (await credentials.find())?.issuer;
  const account = issuer === undefined ? undefined : await credentials.find(issuer);
  if (!account) {
    const others = named ? [] : await credentials.listIssuers();
    const hint = others.length > 0 ? ` Name one with --issuer: ${others.join(', ')}` : '';
    io.say(`Not signed in${named ? ` to ${named}` : ''}; nothing to do.${hint}`);
    return;
  }
  const fault = await credentials.exclusively(account.issuer, async () => {
    const newest = (await credentials.find(account.issuer)) ?? account;
    const words = await revoke(newest);
    await credentials.remove(account.issuer);
    return words;
  });
  if (fault) {
    throw new AppError(
      'failure',
      `Signed out on this machine alone: ${fault}. Until it expires, the sign-in works for whoever holds a copy`,
    );
  }
  io.say(`Signed out of ${account.issuer}.`);
}

/** Revokes the refresh token and with it the whole grant (RFC 7009); resolves to what went wrong. */
async function revoke(account: Account): Promise<string | undefined> {
  if (!account.revocation_endpoint) return `${account.issuer} offers no revocation`;
  const [{ tokenRevocation }, { failureOf, knownServer, wordsOf }] = await Promise.all([
    import('openid-client'),
    import('./authorization-server.ts'),
  ]);
  const { refresh_token, access_token } = account;
  const hint = refresh_token ? 'refresh_token' : 'access_token';
  try {
    await tokenRevocation(knownServer(account), refresh_token ?? access_token, { token_type_hint: hint });
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    const verb = failure.kind === 'refused' ? 'refused to revoke it' : 'could not be told';
    return `${account.issuer} ${verb}: ${wordsOf(failure)}`;
  }
}
