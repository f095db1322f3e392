import type { Command } from 'commander';
import type { IntrospectionResponse } from 'openid-client';
import { AppError } from '../errors.ts';
import type { Account } from './account.ts';
import { openSignIns } from './auth-file.ts';
import { type ChoiceFlags, readChoice, withChoice } from './choice-flags.ts';
import { instantText } from './duration.ts';
import { getFreshAccount } from './fresh-account.ts';
import type { Io } from './io.ts';
import { loginCommand } from './not-signed-in.ts';
import { harmless } from './terminal-text.ts';

const notAsked =
  'not known: the server tells the token’s own client alone, and the file does not name it (postern me asks the management API)';

/** Adds `postern whoami`. */
export function register(program: Command, io: Io): void {
  withChoice(
    program.command('whoami').description('tell who is signed in, where, with which scopes, and until when'),
  )
    .option('--json', 'print it as JSON')
    .action(async (options: ChoiceFlags & { json?: boolean }) => {
      const { account, answer } = await askServer(io, options);
      const { issuer, client_id } = account;
      const { sub, username } = answer;
      const scope = answer.scope ?? account.scope;
      const expiresAt = answer.exp === undefined ? new Date(account.expires_at) : new Date(answer.exp * 1000);
      if (options.json) {
        io.json({
          issuer,
          ...(client_id && { client_id }),
          username,
          sub,
          scope,
          aud: answer.aud,
          expires_at: expiresAt.toISOString(),
        });
        return;
      }
      io.data(harmless(username ?? sub ?? notAsked));
      io.data(`  issuer  ${issuer}`);
      if (client_id) io.data(`  client  ${client_id}`);
      io.data(`  scopes  ${harmless(scope) || 'none'}`);
      io.data(`  until   ${instantText(expiresAt, io.clock.now())}`);
    });
}

/** The server's word on the own access token (RFC 7662). One that it no longer takes is renewed once, which ends a dead sign-in. */
async function askServer(
  io: Io,
  flags: ChoiceFlags,
): Promise<{ account: Account; answer: IntrospectionResponse }> {
  const credentials = openSignIns(io, flags.file);
  let account = await getFreshAccount(io, credentials, readChoice(flags, io));
  // A file does not tell the client, and the server answers nobody else.
  if (!account.client_id) return { account, answer: { active: true } };
  let answer = await introspect(io, account);
  if (!answer.active) {
    const { renewAccount } = await import('./renewal.ts');
    account = await renewAccount(io, credentials, account, account.access_token);
    answer = await introspect(io, account);
  }
  if (answer.active) return { account, answer };
  throw new AppError(
    'not_signed_in',
    `Not signed in: ${account.issuer} no longer takes the token, run ${loginCommand(account)}`,
  );
}

async function introspect(io: Io, account: Account): Promise<IntrospectionResponse> {
  if (!account.introspection_endpoint) {
    throw new AppError('failure', `${account.issuer} offers no introspection, so it cannot say who you are`);
  }
  const [{ tokenIntrospection }, { failureOf, knownServer, wordsOf }] = await Promise.all([
    import('openid-client'),
    import('./authorization-server.ts'),
  ]);
  return tokenIntrospection(knownServer(account, io), account.access_token).catch((error) => {
    const failure = failureOf(error);
    const verb = failure.kind === 'refused' ? 'did not answer the question' : 'cannot be reached';
    throw new AppError('failure', `${account.issuer} ${verb}: ${wordsOf(failure)}`, { cause: error });
  });
}
