import { resolve } from 'node:path';
import { AppError } from '../errors.ts';
import type { Account } from './account.ts';
import { type Credentials, openCredentials } from './credentials.ts';
import type { Io } from './io.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

/**
 * What `auth.json` holds: one access token, good until `expires_at` (ISO 8601) and then no more. The account's pages give
 * such files away, and `postern login --file` writes them.
 */
export type AuthFile = Pick<Account, 'issuer' | 'token_type' | 'access_token' | 'expires_at' | 'scope'>;

/** The file that `--file` or POSTERN_AUTH_FILE names, if one does. */
export function namedAuthFile(flag: string | undefined, io: Io): string | undefined {
  const path = flag || io.env.POSTERN_AUTH_FILE;
  return path ? resolve(path) : undefined;
}

/** Where the sign-in that is meant is kept: in the file that is named, else where sign-ins are. */
export function openSignIns(io: Io, flag: string | undefined): Credentials {
  const path = namedAuthFile(flag, io);
  return path === undefined ? openCredentials(io.env) : openAuthFile(path);
}

/** Writes the token of an account to a file that only its owner can read. */
async function writeAuthFile(path: string, account: Account): Promise<void> {
  const { issuer, token_type, access_token, expires_at, scope } = account;
  const file: AuthFile = { issuer, token_type, access_token, expires_at, scope };
  await writePrivateFile(path, `${JSON.stringify(file, undefined, 2)}\n`);
}

/** A file as a store with one sign-in in it, which nothing renews. */
function openAuthFile(path: string): Credentials {
  const read = async (): Promise<Account | undefined> => {
    const text = await readPrivateFile(path);
    return text === undefined ? undefined : parse(text, path);
  };
  const isAt = (account: Account | undefined, issuer: string | undefined) =>
    account !== undefined && (issuer === undefined || account.issuer === issuer);
  const find = async (issuer?: string) => {
    const account = await read();
    return isAt(account, issuer) ? account : undefined;
  };
  return {
    path,
    findCurrentIssuer: async () => (await read())?.issuer,
    find: ({ issuer } = {}) => find(issuer),
    findNewest: ({ issuer }) => find(issuer),
    listAt: async (issuer) => [await find(issuer)].filter((account) => account !== undefined),
    listIssuers: async () => [(await read())?.issuer].filter((issuer) => issuer !== undefined),
    async add(account) {
      await writeAuthFile(path, account);
      return undefined;
    },
    replace: (account) => writeAuthFile(path, account),
    async remove() {
      const { rm } = await import('node:fs/promises');
      await rm(path, { force: true });
    },
    exclusively: (_issuer, work) => work(),
  };
}

const members = ['issuer', 'token_type', 'access_token', 'expires_at', 'scope'] as const;

function parse(text: string, path: string): Account {
  const given = parseJson(text);
  const isWhole = members.every((name) => typeof given?.[name] === 'string');
  if (!given || !isWhole || Number.isNaN(Date.parse(given.expires_at as string)))
    throw new AppError(
      'configuration',
      `${path} is no auth.json: get a new one, or run: postern login --file`,
    );
  const file = Object.fromEntries(members.map((name) => [name, given[name]])) as AuthFile;
  // The file tells neither the client nor when it began: it is good until its last minute.
  return { ...file, client_id: '', token_endpoint: '', issued_at: new Date(0).toISOString() };
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
