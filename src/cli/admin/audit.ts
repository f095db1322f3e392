import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { VerifyOptions } from './audit-verification.ts';

/** Adds `postern audit verify`, which works at the database, to the other commands on the audit log. */
export function registerVerify(audit: Command, io: Io): void {
  audit
    .command('verify')
    .description(
      'find out at the database whether anything was changed, removed, inserted or cut off; exits 1 if so',
    )
    .option('--checkpoint <path>', 'what an earlier verify --json has printed: no older state was put back')
    .option('--json', 'print each chain as a line of JSON')
    .action(async (options: VerifyOptions) => (await import('./audit-verification.ts')).verify(io, options));
}
