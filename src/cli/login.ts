import { type Command, Option } from 'commander';
import type { Io } from './io.ts';

/** Adds `postern login`. */
export function register(program: Command, io: Io): void {
  program
    .command('login')
    .description('sign in, with a browser on this or any other device')
    .option(
      '--issuer <url>',
      'the authorization server (default: POSTERN_ISSUER, else http://localhost:8628)',
    )
    .option(
      '--client <id>',
      'the client to sign in as (default: POSTERN_CLIENT_ID, else demo-cli on this machine)',
    )
    .option('--scope <scopes>', 'what to ask for, separated by spaces', 'offline_access')
    .option('--resource <uri>', 'the API that the token is for (RFC 8707)')
    .addOption(
      new Option('--manage', 'sign in for tokens, members and what else the management API has').conflicts(
        'resource',
      ),
    )
    .option(
      '--file <path>',
      'write the token to this file, such as auth.json, and keep nothing else (default: POSTERN_AUTH_FILE)',
    )
    .option('--no-dpop', 'take a bearer token, for an API that knows no other')
    .option('--no-browser', 'do not open a browser here')
    .option('--json', 'print the outcome as JSON')
    .action(async (options) => {
      const { signIn } = await import('./sign-in.ts');
      await signIn(io, options);
    });
}
