import type { Command } from 'commander';
import { AppError } from '../../errors.ts';
import { registerVerify } from '../admin/audit.ts';
import type { Io } from '../io.ts';
import type { ExportFlags, ListFlags } from './audit-actions.ts';
import { withApi, withIssuer } from './flags.ts';

/** Where the events are read. */
type PlaceFlags = { database?: boolean; organization?: string; issuer?: string };

/** Adds `postern audit` with its commands. */
export function register(program: Command, io: Io): void {
  const audit = program
    .command('audit')
    .description('read what has happened in your organization, or with --database, to the server');
  const place = (flags: PlaceFlags) =>
    isAtDatabase(flags) ? import('../admin/audit-actions.ts') : import('./audit-actions.ts');

  withChosen(withApi(audit.command('list')))
    .description('list what has happened, newest first')
    .option('--limit <number>', 'how many at most', '50')
    .action(async (flags: ListFlags & PlaceFlags) => (await place(flags)).list(io, flags));

  withChosen(withIssuer(audit.command('export')))
    .description('print every event as a line of JSON, oldest first')
    .option('--after <sequence>', 'behind this sequence number, to go on where the last export ended')
    .action(async (flags: ExportFlags & PlaceFlags) => (await place(flags)).exportEvents(io, flags));

  registerVerify(audit, io);
}

/** Adds the flags for which events, and where they are read. */
function withChosen(command: Command): Command {
  return command
    .option('--actor <name>', 'what they did: the id or name of a person or program')
    .option('--action <name>', 'such as token.created')
    .option('--target <name>', 'what was done to this: an id or a name')
    .option('--since <time>', 'not before, such as 2030-01-31T12:00:00Z, or 7d ago')
    .option('--until <time>', 'before')
    .option('--database', 'for operators: read the server’s events at its database')
    .option('--organization <id>', 'with --database: those of this organization');
}

/** The database is read where that is said and nowhere else: what an environment happens to hold decides nothing. */
function isAtDatabase({ database, organization, issuer }: PlaceFlags): boolean {
  if (database && issuer !== undefined)
    throw new AppError('usage', 'Give either --issuer or --database, not both');
  if (organization !== undefined && !database) {
    throw new AppError(
      'usage',
      '--organization goes with --database; else you read the organization that you act in',
    );
  }
  return database === true;
}
