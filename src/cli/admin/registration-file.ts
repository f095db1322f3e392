import { readFile } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import { carriesToken, tokenAdvice } from '../../secret.ts';
import type { Io } from '../io.ts';

/**
 * What is to be registered: the JSON in `--file` (`-` is stdin), or else what was put together from the other flags.
 * Both at once are refused, since one would hide the other.
 */
export async function readRegistration(
  io: Io,
  file: string | undefined,
  fromFlags: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const given = Object.fromEntries(Object.entries(fromFlags).filter(([, value]) => value !== undefined));
  if (file === undefined) return given;
  if (Object.keys(given).length > 0) {
    throw new AppError('usage', 'Give either --file or the other flags, not both');
  }
  const name = file === '-' ? 'The input' : file;
  const text = await (file === '-' ? io.readInput() : readFile(file, 'utf8')).catch((error: Error) => {
    throw new AppError('usage', `${name} cannot be read: ${error.message}`, { cause: error });
  });
  if (carriesToken(text)) throw new AppError('usage', `${name}: ${tokenAdvice}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('usage', `${name} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * A `usage` failure that lists every problem. Where the settings came by flags, each is named by its flag: `flags` has
 * them by the name of the field.
 */
export function registrationError(
  what: string,
  problems: readonly string[],
  flags: Readonly<Record<string, string>> | undefined,
): AppError {
  const lines = problems.map((problem) => {
    const [, field = '', rest = ''] = /^([a-z_]+)(.*)$/s.exec(problem) ?? [];
    const flag = flags?.[field];
    return flag ? flag + rest.replace(/^\.\d+(?=:)/, '').replace(/^\./, ' ') : problem;
  });
  return new AppError('usage', [`This ${what} cannot be taken as it is.`, ...new Set(lines)].join('\n  '));
}
