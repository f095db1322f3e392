import { type Command, Option } from 'commander';
import type { Io } from '../io.ts';
import type { AddProviderOptions, ProviderFlags } from './identity-provider-actions.ts';

/** Adds `postern identity-provider` with its commands. */
export function register(program: Command, io: Io): void {
  const provider = program
    .command('identity-provider')
    .description('manage the OpenID providers that people may sign in at');
  const actions = () => import('./identity-provider-actions.ts');

  withSecret(withFields(provider.command('add')))
    .description('let people sign in at an OpenID provider; its client secret is asked for')
    .argument('<id>', 'a short name for addresses, such as acme')
    .option('--issuer <url>', 'what its metadata calls itself, such as https://accounts.example.com')
    .option('--public', 'there is no client secret')
    .option('--organization <organization>', 'whose people it knows; without one, it may know anybody')
    .option('--json', 'print it as JSON')
    .action(async (id, options: AddProviderOptions) => (await actions()).add(io, id, options));

  provider
    .command('list')
    .description('list all of them')
    .option('--json', 'print them as a JSON array')
    .action(async (options) => (await actions()).list(io, options));

  provider
    .command('show')
    .description('show one, with the address to register there')
    .argument('<id>')
    .option('--json', 'print it as JSON')
    .action(async (id, options) => (await actions()).show(io, id, options));

  withSecret(withFields(provider.command('update')))
    .description('change one; what is not named stays as it is')
    .argument('<id>')
    .option('--no-link-verified-email', 'an address that is somebody’s here lets nobody in as them')
    .option('--no-email-domain', 'it speaks for no domain')
    .option('--json', 'print it as JSON')
    .action(async (id, options: ProviderFlags) => (await actions()).update(io, id, options));

  provider
    .command('disable')
    .description('nobody signs in there any more, and who has is signed out')
    .argument('<id>')
    .action(async (id) => (await actions()).disable(io, id));

  provider
    .command('enable')
    .description('let people sign in there again')
    .argument('<id>')
    .action(async (id) => (await actions()).enable(io, id));

  provider
    .command('remove')
    .description('forget one, and who its people are; those without a password come in no more')
    .argument('<id>')
    .option('--yes', 'do not ask')
    .action(async (id, options) => (await actions()).remove(io, id, options));
}

function withFields(command: Command): Command {
  return command
    .option('--name <name>', 'how people know it')
    .option('--client-id <id>', 'what it calls this server')
    .option('--scope <scope...>', 'what is asked for there (default: openid email profile)')
    .option('--link-verified-email', 'whoever it says has an address is who has that address here')
    .option('--email-domain <domain...>', 'whoever has an address there gets an account; may be repeated')
    .option('--role <role>', 'what they become in its organization: member (default) or administrator');
}

function withSecret(command: Command): Command {
  return command
    .option('--client-secret-stdin', 'read the client secret from stdin')
    .addOption(new Option('--client-secret-file <path>', 'read the client secret from a file'));
}
