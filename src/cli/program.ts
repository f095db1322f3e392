import { Command } from 'commander';
import { readVersion } from '../root.ts';
import { type Ending, endingOf } from './exit.ts';
import { createIo, type Io, type ProcessIo } from './io.ts';

/** A module that adds one command; its own imports are light, whatever is heavy waits for the action. */
type CommandModule = { register(program: Command, io: Io): void };

/** Every command by its first word, in the order of the help. Only the one that is called is loaded. */
const commands = new Map<string, () => Promise<CommandModule>>([
  ['login', () => import('./login.ts')],
  ['logout', () => import('./logout.ts')],
  ['token', () => import('./token.ts')],
  ['proof', () => import('./proof.ts')],
  ['whoami', () => import('./whoami.ts')],
  ['me', () => import('./manage/me.ts')],
  ['tokens', () => import('./manage/tokens.ts')],
  ['members', () => import('./manage/members.ts')],
  ['clients', () => import('./manage/clients.ts')],
  ['policy', () => import('./manage/policy.ts')],
  ['audit', () => import('./manage/audit.ts')],
  ['sessions', () => import('./manage/sessions.ts')],
  ['devices', () => import('./manage/devices.ts')],
  ['serve', () => import('./serve.ts')],
  ['migrate', () => import('./admin/migrate.ts')],
  ['client', () => import('./admin/client.ts')],
  ['initial-access-token', () => import('./admin/initial-access-token.ts')],
  ['user', () => import('./admin/user.ts')],
  ['resource', () => import('./admin/resource.ts')],
  ['organization', () => import('./admin/organization.ts')],
  ['member', () => import('./admin/member.ts')],
  ['identity-provider', () => import('./admin/identity-provider.ts')],
  ['grant', () => import('./admin/grant.ts')],
  ['revoke', () => import('./admin/revoke.ts')],
  ['keys', () => import('./admin/keys.ts')],
  ['secret', () => import('./admin/secret.ts')],
  ['mail', () => import('./admin/mail.ts')],
]);

/** Runs one command line (`argv` without node and the script) and resolves to its exit code; never throws. */
export async function runCli({ argv, ...process }: ProcessIo & { argv: readonly string[] }): Promise<number> {
  const io = createIo(process);
  const ending = await endingAfter(async () => {
    const program = await createProgram(argv, io);
    await program.parseAsync(argv, { from: 'user' });
  });
  if (ending.line) io.say(ending.line);
  const writing = await endingAfter(() => io.flush());
  if (writing.line) io.say(writing.line);
  return ending.exitCode || writing.exitCode;
}

async function endingAfter(work: () => Promise<void>): Promise<Ending> {
  try {
    await work();
    return { exitCode: 0 };
  } catch (error) {
    return endingOf(error);
  }
}

async function createProgram(argv: readonly string[], io: Io): Promise<Command> {
  const program = new Command('postern')
    .description('OAuth 2.0 for command-line tools, devices and machines')
    .version(readVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.data(text.trimEnd()),
      writeErr: (text) => io.say(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'postern: ')),
    })
    .showHelpAfterError('Try: postern --help');

  const load = commands.get(argv.find((word) => !word.startsWith('-')) ?? '');
  const modules = load ? [await load()] : await Promise.all(Array.from(commands.values(), (each) => each()));
  for (const module of modules) module.register(program, io);
  program.hook('preAction', async (_, command) => {
    // The address that a proof is for is somebody else's, and so is the nonce: a JWT may be a part of them.
    if (command.name() === 'proof') return;
    const { refuseTokens } = await import('./pasted-token.ts');
    refuseTokens(command);
  });
  return program;
}
