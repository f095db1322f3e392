import { readFile } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import type { Io } from '../io.ts';

/** Where the client secret of an identity provider comes from. */
export type SecretSource = { clientSecretStdin?: boolean; clientSecretFile?: string; public?: boolean };

/** The client secret from its source; asked for at the terminal without one, `undefined` for a public client. */
export async function readClientSecret(io: Io, source: SecretSource): Promise<string | undefined> {
  const { clientSecretStdin, clientSecretFile } = source;
  const given = [clientSecretStdin, clientSecretFile !== undefined, source.public].filter(Boolean);
  if (given.length > 1) {
    throw new AppError('usage', 'Give one of --client-secret-stdin, --client-secret-file and --public');
  }
  if (source.public) return undefined;
  const text = await readText(io, source);
  const secret = text.replace(/\r?\n$/, '');
  if (/^[ -~]{1,1000}$/.test(secret)) return secret;
  throw new AppError('usage', 'The client secret must be one line of at most 1000 visible ASCII characters');
}

/** Whether a change of the secret was asked for. */
export function hasSecretSource({ clientSecretStdin, clientSecretFile }: SecretSource): boolean {
  return clientSecretStdin === true || clientSecretFile !== undefined;
}

async function readText(io: Io, { clientSecretStdin, clientSecretFile }: SecretSource): Promise<string> {
  if (clientSecretStdin) return await io.readInput();
  if (clientSecretFile === undefined) return await io.askSecret('Client secret');
  return await readFile(clientSecretFile, 'utf8').catch((error: Error) => {
    throw new AppError('usage', `${clientSecretFile} cannot be read: ${error.message}`, { cause: error });
  });
}
