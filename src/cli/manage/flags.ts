import { type Command, InvalidArgumentError } from 'commander';

/** Flags of every command on the management API. */
export type ApiFlags = { issuer?: string; file?: string; json?: boolean };

/** Flags of its lists. */
export type ListFlags = ApiFlags & { limit?: number };

/** Adds the flags of every command on the management API. */
export function withApi(command: Command): Command {
  return withIssuer(command).option('--json', 'print what the server answers, as JSON');
}

/** Adds the flags that say whose management API, and with which sign-in. */
export function withIssuer(command: Command): Command {
  return command
    .option('--issuer <url>', 'at which server (default: POSTERN_ISSUER, else that of the last login)')
    .option('--file <path>', 'with the token in this file, such as auth.json (default: POSTERN_AUTH_FILE)');
}

/** Adds the flags of a list. */
export function withList(command: Command): Command {
  return withApi(command).option('--limit <count>', 'print so many at most (default: all)', readCount);
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a number from 1 on.');
}
