import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { ExportOptions, ListOptions, VerifyOptions } from './audit-actions.ts';

/** Adds `postern audit` with its commands. */
export function register(program: Command, io: Io): void {
  const audit = program.command('audit').description('read and verify what has happened');
  const actions = () => import('./audit-actions.ts');

  audit
    .command('list')
    .description('list what has happened to the server, or in an organization, newest first')
    .option('--organization <id>', 'in this organization')
    .option('--actor <name>', 'what they did: the id or name of a person or program')
    .option('--action <name>', 'such as token.created')
    .option('--target <name>', 'what was done to this: an id or a name')
    .option('--since <time>', 'not before, such as 2030-01-31T12:00:00Z, or 7d ago')
    .option('--until <time>', 'before')
    .option('--limit <number>', 'how many at most', '50')
    .option('--json', 'print them as a JSON array')
    .action(async (options: ListOptions) => (await actions()).list(io, options));

  audit
    .command('verify')
    .description('find out whether anything was changed, removed, inserted or cut off; exits 1 if so')
    .option('--checkpoint <path>', 'what an earlier verify --json has printed: no older state was put back')
    .option('--json', 'print each chain as a line of JSON')
    .action(async (options: VerifyOptions) => (await actions()).verify(io, options));

  audit
    .command('export')
    .description('print every event as a line of JSON, oldest first')
    .option('--organization <id>', 'of this organization')
    .option('--since <time>', 'not before, such as 2030-01-31T12:00:00Z, or 7d ago')
    .option('--after <sequence>', 'behind this sequence number, to go on where the last export ended')
    .action(async (options: ExportOptions) => (await actions()).exportEvents(io, options));
}
