import type { Command } from 'commander';
import type { Io } from '../io.ts';
import type { AddClientOptions } from './client-flags.ts';
import { withDemands } from './demand-flags.ts';

/** Adds `postern client` with its commands. */
export function register(program: Command, io: Io): void {
  const client = program.command('client').description('manage the programs that ask for tokens');
  const actions = () => import('./client-actions.ts');

  withDemands(client.command('add'), { isChange: false })
    .description('add a program, by flags or from a file; its secret is printed once')
    .option('--id <id>', 'how the program calls itself, without spaces')
    .option('--name <name>', 'how people know it')
    .option('--publisher <name>', 'who answers for it, shown to people who approve it')
    .option(
      '--auth <method>',
      'client_secret_basic (default), client_secret_post, private_key_jwt, tls_client_auth, self_signed_tls_client_auth, or none',
    )
    .option(
      '--grant <type...>',
      'client_credentials, device_code, refresh_token or token-exchange; may be repeated',
    )
    .option(
      '--allow <uri=scopes...>',
      'what it may ask for, such as "https://api.example.com=read write"; may be repeated',
    )
    .option('--default-resource <uri>', 'what a token is for when none is named (default: the only one)')
    .option('--audience <uri...>', 'a resource whose tokens it may introspect; may be repeated')
    .option('--exchange <uri=uris...>', 'tokens of which API it may exchange for which; may be repeated')
    .option('--access-token-lifetime <time>', 'such as 900, 15m or 1h')
    .option('--refresh-token-lifetime <time>', 'such as 30d')
    .option('--device-code-lifetime <time>', 'such as 10m')
    .option(
      '--jwks <path>',
      'its public keys (RFC 7517) in a file, for private_key_jwt or self_signed_tls_client_auth',
    )
    .option('--jwks-uri <uri>', 'where it publishes them instead')
    .option(
      '--certificate <path...>',
      'or its certificate in PEM, for self_signed_tls_client_auth; may be repeated',
    )
    .option('--subject-dn <name>', 'for tls_client_auth: what its certificate names, as RFC 4514 writes it')
    .option('--san-dns <name>', 'or a DNS name among its alternative names')
    .option('--san-uri <uri>', 'or a URI')
    .option('--san-ip <address>', 'or an address')
    .option('--san-email <address>', 'or an email address')
    .option('--certificate-bound', 'give it tokens only for a certificate, bound to that')
    .option('--dpop', 'give it tokens only with a DPoP proof, bound to its key')
    .option('--dpop-nonce', 'demand a nonce of this server in its proofs')
    .option('--file <path>', 'all of that as JSON in the words of RFC 7591; - reads stdin')
    .option('--json', 'print it as JSON')
    .action(async (options: AddClientOptions) => (await actions()).add(io, options));

  withDemands(client.command('update'), { isChange: true })
    .description('change a program; what is not named stays as it is')
    .argument('<id>')
    .option('--name <name>', 'how people know it')
    .option('--publisher <name>', 'who answers for it')
    .option(
      '--grant <type...>',
      'all the grants that it has from now on; without device_code nobody lets it in',
    )
    .option('--allow <uri=scopes...>', 'all that it may ask for from now on')
    .option('--default-resource <uri>', 'what a token is for when none is named')
    .option('--access-token-lifetime <time>', 'such as 900, 15m or 1h')
    .option('--refresh-token-lifetime <time>', 'how long a device stays signed in at most, such as 30d')
    .option('--device-code-lifetime <time>', 'such as 10m')
    .option('--json', 'print it as JSON')
    .action(async (id, options: AddClientOptions) => (await actions()).update(io, id, options));

  client
    .command('list')
    .description('list all programs')
    .option('--json', 'print them as a JSON array')
    .action(async (options) => (await actions()).list(io, options));

  client
    .command('show')
    .description('show one program; secrets cannot be shown again')
    .argument('<id>')
    .option('--json', 'print it as JSON')
    .action(async (id, options) => (await actions()).show(io, id, options));

  client
    .command('rotate-secret')
    .description('make a new secret; the present one goes on working for a while')
    .argument('<id>')
    .option('--overlap <time>', 'how long it does, such as 0, 15m or 7d', '1d')
    .option('--force', 'where two secrets are live, end the older one now')
    .option('--json', 'print it as JSON')
    .action(async (id, options) => (await actions()).rotateSecret(io, id, options));

  client
    .command('disable')
    .description('let a program in no more; its tokens are inactive at once')
    .argument('<id>')
    .action(async (id) => (await actions()).disable(io, id));

  client
    .command('enable')
    .description('let a disabled program in again')
    .argument('<id>')
    .action(async (id) => (await actions()).enable(io, id));

  client
    .command('remove')
    .description('delete a program for good')
    .argument('<id>')
    .option('--yes', 'do not ask')
    .action(async (id, options) => (await actions()).remove(io, id, options));
}
