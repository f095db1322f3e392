import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { RevokeOptions } from './revoke-actions.ts';

/** Adds `postern revoke`. */
export function register(program: Command, io: Io): void {
  program
    .command('revoke')
    .description('end tokens at once: all of a person, all of a program, one grant, or one token')
    .option(
      '--user <email>',
      'every grant of this person, their sessions in browsers, and their API tokens, which are disabled',
    )
    .option('--client <id>', 'every grant to this program, and every token that it got for itself')
    .option('--grant <id>', 'one grant, by the id or its beginning that postern grant list shows')
    .option('--token', 'one token, read from stdin: an access token alone, or the grant of a refresh token')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was ended as JSON')
    .action(async (options: RevokeOptions) => (await import('./revoke-actions.ts')).revoke(io, options));
}
