import { AppError } from '../errors.ts';
import { harmless } from './terminal-text.ts';

/** The user ended the command with Ctrl-C. It exits with 130, and the command has said what there is to say. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** How a command ended: its exit code, and the line that explains it where none was printed yet. */
export type Ending = { exitCode: number; line?: string };

/** The one mapper from what a command threw to how it ends. */
export function endingOf(error: unknown): Ending {
  if (error instanceof Interrupted) return { exitCode: 130 };
  if (error instanceof AppError) {
    const { exitCode, publicMessage } = asWrongSetting(error) ?? error;
    return { exitCode, line: `postern: ${publicMessage}${reasonOf(error)}` };
  }
  if (isCommanderError(error)) return { exitCode: error.exitCode === 0 ? 0 : 2 };
  return { exitCode: 1, line: `postern: unexpected failure: ${harmless(String(error))}` };
}

/** To a server that runs it is an outage; whoever starts a command has written the wrong user, password or database. */
function asWrongSetting(error: AppError): AppError | undefined {
  if (error.code !== 'database_unavailable' || !/^(28\w{3}|3D000)$/.test(codeOf(error) ?? ''))
    return undefined;
  return new AppError(
    'configuration',
    'The configuration is not valid.\n  DATABASE_URL: write a user, password and database that PostgreSQL knows',
  );
}

/** The system's own word for what stopped us, such as ECONNREFUSED: it holds no secret and helps whoever operates. */
function reasonOf(error: AppError): string {
  if (error.code !== 'database_unavailable' && error.code !== 'internal') return '';
  const code = codeOf(error);
  return code === undefined ? '' : ` (${code})`;
}

function codeOf(error: AppError): string | undefined {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return undefined;
}

/** Commander prints its own help and errors; only the exit code is ours. Told by its code, to load nothing for it. */
function isCommanderError(error: unknown): error is { exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
