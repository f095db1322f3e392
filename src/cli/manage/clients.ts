import type { Command } from 'commander';
import { withDemands } from '../admin/demand-flags.ts';
import type { Io } from '../io.ts';
import type { ChosenFlags } from './client-choice.ts';
import { type ApiFlags, type ListFlags, withApi, withList } from './flags.ts';
import { permissionFlag, readPermission } from './permissions.ts';

/** Adds `postern clients` with its commands. */
export function register(program: Command, io: Io): void {
  const clients = program.command('clients').description('manage the programs of your organization');
  const actions = () => import('./client-actions.ts');
  const secrets = () => import('./client-secret-actions.ts');
  const client = ['<program>', 'its id, or its name where only one has it'] as const;

  withList(clients.command('list'))
    .description('list the programs')
    .action(async (flags: ListFlags) => (await actions()).list(io, flags));

  withApi(clients.command('show'))
    .description('show a program; its secrets cannot be shown again')
    .argument(...client)
    .action(async (word: string, flags: ApiFlags) => (await actions()).show(io, word, flags));

  withDemands(withChosen(withApi(clients.command('add'))), { isChange: false })
    .description('register a program; its secret, if it has one, is printed once')
    .argument('<name>', 'how people know it')
    .option('--default-resource <uri>', 'what a token is for when none is named (default: the only one)')
    .option('--jwks <path>', 'its public keys (RFC 7517) in a file, for private_key_jwt')
    .option('--dpop', 'give it tokens only with a DPoP proof, bound to its key')
    .action(async (name: string, flags: ChosenFlags) => (await actions()).add(io, name, flags));

  withDemands(withChosen(withApi(clients.command('change'))), { isChange: true })
    .description('change a program; what is not named stays as it is')
    .argument(...client)
    .option('--name <name>', 'how people know it')
    .option('--default-resource <uri>', 'what a token is for when none is named')
    .option('--no-default-resource', 'the only one, or else what each request names')
    .option('--jwks <path>', 'its public keys (RFC 7517) in a file, for private_key_jwt')
    .option('--no-jwks', 'forget its keys, or where it publishes them')
    .option('--dpop', 'give it tokens only with a DPoP proof, bound to its key')
    .option('--no-dpop', 'give it tokens without one too')
    .action(async (word: string, flags: ChosenFlags) => (await actions()).change(io, word, flags));

  for (const [verb, description] of [
    ['disable', 'let a program in no more; its tokens are dead at once'],
    ['enable', 'let a disabled program in again'],
  ] as const) {
    withApi(clients.command(verb))
      .description(description)
      .argument(...client)
      .action(async (word: string, flags: ApiFlags) => (await actions()).switchTo(io, verb, word, flags));
  }

  withApi(clients.command('remove'))
    .description('remove a program and all that it was let in for, for good')
    .argument(...client)
    .option('--yes', 'do not ask')
    .action(async (word: string, flags: ApiFlags & { yes?: boolean }) =>
      (await actions()).remove(io, word, flags),
    );

  withApi(clients.command('secrets'))
    .description('list the live secrets of a program; two at most')
    .argument(...client)
    .action(async (word: string, flags: ApiFlags) => (await secrets()).list(io, word, flags));

  withApi(clients.command('add-secret'))
    .description('give a program a second secret, printed once; the first one goes on working')
    .argument(...client)
    .option('--expires <when>', 'such as 30d, 2030-01-31T12:00:00Z, or never (default)')
    .action(async (word: string, flags: ApiFlags & { expires?: string }) =>
      (await secrets()).add(io, word, flags),
    );

  withApi(clients.command('end-secret'))
    .description('end a secret of a program at once; asks first where it is the only one')
    .argument(...client)
    .argument('<secret>', 'its id, or how that begins')
    .option('--yes', 'do not ask')
    .action(async (word: string, secret: string, flags: ApiFlags & { yes?: boolean }) =>
      (await secrets()).end(io, word, secret, flags),
    );
}

/** Adds the flags for what is chosen about a new program and an old one alike. */
function withChosen(command: Command): Command {
  return command
    .option('--auth <method>', 'client_secret_basic, client_secret_post, private_key_jwt or none')
    .option('--grant <type...>', 'client_credentials, device_code or refresh_token; may be repeated')
    .option(
      `--allow ${permissionFlag}`,
      'what it may ask for, such as "https://api.example.com=read write"; may be repeated',
      readPermission,
    )
    .option('--jwks-uri <uri>', 'where it publishes its public keys');
}
