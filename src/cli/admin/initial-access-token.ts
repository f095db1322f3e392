import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { AddTokenOptions } from './initial-access-token-actions.ts';

/** Adds `postern initial-access-token` with its commands. */
export function register(program: Command, io: Io): void {
  const token = program
    .command('initial-access-token')
    .description('manage the tokens with which programs register themselves (RFC 7591)');
  const actions = () => import('./initial-access-token-actions.ts');

  token
    .command('add')
    .description('make a token, and say what programs may be that register with it; it is printed once')
    .option('--name <name>', 'what you call it, without spaces')
    .option(
      '--auth <method...>',
      'how its programs may authenticate (default: client_secret_basic); may be repeated',
    )
    .option('--grant <type...>', 'client_credentials, device_code or refresh_token; may be repeated')
    .option(
      '--allow <uri=scopes...>',
      'what they may ask for, such as "https://api.example.com=read write"; may be repeated',
    )
    .option('--default-resource <uri>', 'what a token is for when none is named (default: the only one)')
    .option('--uses <count>', 'how many programs may register with it (default: any number)')
    .option('--lifetime <time>', 'how long it works, such as 1h or 30d (default: until it is removed)')
    .option('--json', 'print it as JSON')
    .action(async (options: AddTokenOptions) => (await actions()).add(io, options));

  token
    .command('list')
    .description('list all tokens, and how many programs have registered with each')
    .option('--json', 'print them as a JSON array')
    .action(async (options) => (await actions()).list(io, options));

  token
    .command('remove')
    .description('end a token; the programs that have registered with it stay')
    .argument('<name>')
    .action(async (name) => (await actions()).remove(io, name));
}
