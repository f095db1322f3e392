import type { Command } from 'commander';
import type { Choice } from './credentials.ts';
import type { Io } from './io.ts';
import { namedIssuer } from './issuer.ts';

/** The flags that choose one of several sign-ins. */
export type ChoiceFlags = { issuer?: string; client?: string; resource?: string; file?: string };

/** Adds those flags to a command. */
export function withChoice(command: Command): Command {
  return command
    .option('--issuer <url>', 'of which sign-in (default: POSTERN_ISSUER, else the last login)')
    .option('--client <id>', 'of the sign-in as this client (default: the last one)')
    .option('--resource <uri>', 'of the sign-in for this API (default: the last one)')
    .option('--file <path>', 'the one in this file, such as auth.json (default: POSTERN_AUTH_FILE)');
}

/** Which sign-in they mean. */
export function readChoice({ issuer, client, resource }: ChoiceFlags, io: Io): Choice {
  return { issuer: namedIssuer(issuer, io), client, resource };
}
