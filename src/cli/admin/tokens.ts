import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds `postern tokens import`, which works at the database, to the other commands on tokens. */
export function registerImport(tokens: Command, io: Io): void {
  tokens
    .command('import')
    .description('import the credentials of an earlier system as legacy tokens, and report on each line')
    .argument('<file>', 'JSON objects, one a line, or CSV: uuid, secret_sha256, owner, name')
    .requiredOption('--organization <organization>', 'whose people they are: its id, or its name')
    .option('--dry-run', 'report what would happen, and change nothing')
    .option('--json', 'report in JSON, an object a line')
    .action(async (file, options) => (await import('./token-import.ts')).importFile(io, file, options));
}
