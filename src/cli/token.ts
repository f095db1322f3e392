import type { Command } from 'commander';
import { openSignIns } from './auth-file.ts';
import { type ChoiceFlags, readChoice, withChoice } from './choice-flags.ts';
import { getFreshAccount } from './fresh-account.ts';
import type { Io } from './io.ts';

/** Adds `postern token`. */
export function register(program: Command, io: Io): void {
  withChoice(
    program
      .command('token')
      .description('print a valid access token, renewed first where it is about to expire'),
  )
    .option('--json', 'print it with its type, scope and expiry as JSON')
    .action(async (options: ChoiceFlags & { json?: boolean }) => {
      const account = await getFreshAccount(io, openSignIns(io, options.file), readChoice(options, io));
      const { access_token, token_type, expires_at, scope } = account;
      if (options.json) io.json({ access_token, token_type, expires_at, scope });
      else io.data(access_token);
    });
}
