import type { Command } from 'commander';
import { AppError } from '../errors.ts';
import { openSignIns } from './auth-file.ts';
import { type ChoiceFlags, readChoice, withChoice } from './choice-flags.ts';
import { getFreshAccount } from './fresh-account.ts';
import type { Io } from './io.ts';
import { loginCommand } from './not-signed-in.ts';
import { createProof } from './proof-key.ts';

type Options = ChoiceFlags & { nonce?: string; headers?: boolean; json?: boolean };

/** Adds `postern proof`. */
export function register(program: Command, io: Io): void {
  withChoice(
    program
      .command('proof')
      .description('print a DPoP proof (RFC 9449) for one request to an API with the token of this sign-in'),
  )
    .argument('<method>', 'the method of the request, such as GET')
    .argument('<url>', 'the address of the request')
    .option('--nonce <nonce>', 'the nonce that the API asked for (its DPoP-Nonce header)')
    .option('--headers', 'print both headers, token and proof, as curl reads them with -H @-')
    .option('--json', 'print token and proof as JSON')
    .action((method: string, address: string, options: Options) => prove(io, method, address, options));
}

async function prove(io: Io, method: string, address: string, options: Options): Promise<void> {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new AppError(
      'usage',
      `"${address}" is no address of a request: give one such as https://api.example.com/`,
    );
  if (!/^[a-z]+$/i.test(method))
    throw new AppError('usage', `"${method}" is no method of a request: give one such as GET`);
  const account = await getFreshAccount(io, openSignIns(io, options.file), readChoice(options, io));
  if (!account.dpop_key) {
    throw new AppError(
      'failure',
      `The token is a bearer token and needs no proof; for one that is bound to a key, run ${loginCommand(account)}`,
    );
  }
  const { access_token, token_type, dpop_key } = account;
  const request = { method: method.toUpperCase(), url, accessToken: access_token, nonce: options.nonce };
  const proof = createProof(dpop_key, request, io.clock);
  if (options.json) io.json({ access_token, token_type, proof });
  else if (options.headers) io.data(`Authorization: DPoP ${access_token}\nDPoP: ${proof}`);
  else io.data(proof);
}
