import type { Command } from 'commander';
import { openCredentials } from './credentials.ts';
import { getFreshAccount } from './fresh-account.ts';
import type { Io } from './io.ts';
import { namedIssuer } from './issuer.ts';

/** Adds `postern token`. */
export function register(program: Command, io: Io): void {
  program
    .command('token')
    .description('print a valid access token, renewed first where it is about to expire')
    .option('--issuer <url>', 'whose token (default: POSTERN_ISSUER, else the last login)')
    .option('--json', 'print it with its type, scope and expiry as JSON')
    .action(async (options: { issuer?: string; json?: boolean }) => {
      const account = await getFreshAccount(io, openCredentials(io.env), namedIssuer(options.issuer, io));
      const { access_token, token_type, expires_at, scope } = account;
      if (options.json) io.json({ access_token, token_type, expires_at, scope });
      else io.data(access_token);
    });
}
