import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { AddResourceOptions } from './resource-actions.ts';

/** Adds `postern resource` with its commands. */
export function register(program: Command, io: Io): void {
  const resource = program.command('resource').description('manage the APIs that tokens are for');
  const actions = () => import('./resource-actions.ts');

  resource
    .command('add')
    .description('add an API with its scopes, by flags or from a file')
    .option('--uri <uri>', 'its identifier (RFC 8707), such as https://api.example.com')
    .option('--name <name>', 'how people know it')
    .option(
      '--scope <name=words...>',
      'a scope and what it allows, such as "read=See your projects"; may be repeated',
    )
    .option(
      '--access-token-lifetime <time>',
      'for clients that have none of their own, such as 900, 15m or 1h',
    )
    .option(
      '--format <format>',
      'what access tokens for it are: opaque (default), or jwt to be checked offline',
    )
    .option('--alg <algorithm>', 'what JWTs are signed with: ES256 (default), EdDSA or RS256')
    .option('--listed', 'name it in the metadata of the server, which anybody can read')
    .option('--file <path>', 'all of that as JSON; - reads stdin')
    .option('--json', 'print it as JSON')
    .action(async (options: AddResourceOptions) => (await actions()).add(io, options));

  resource
    .command('list')
    .description('list all APIs with their scopes')
    .option('--json', 'print them as a JSON array')
    .action(async (options) => (await actions()).list(io, options));

  resource
    .command('metadata')
    .description(
      'print what an API should serve as its metadata (RFC 9728), for the server of POSTERN_ISSUER',
    )
    .argument('<uri>')
    .action(async (uri) => (await actions()).metadata(io, uri));
}
