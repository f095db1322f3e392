import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { AppError } from '../errors.ts';
import { type Account, parseAccount } from './account.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Entry = Account | { issuer: string; stored_in: 'keyring' };
type Contents = { version: 1; current?: string; accounts: Entry[] };

/** The sign-ins of this user, one per issuer. Everything it cannot trust is a `configuration` failure with a remedy. */
export type Credentials = {
  /** Where the list of sign-ins is. */
  readonly path: string;
  /** The sign-in at an issuer; without one, the current. */
  find(issuer?: string): Promise<Account | undefined>;
  /** Every issuer signed in to. */
  listIssuers(): Promise<string[]>;
  /** Keeps a new sign-in in place of an older one at the same issuer, and makes it the current. */
  add(account: Account): Promise<void>;
  /** Keeps new tokens of a sign-in that is still there, in the place where it is. */
  replace(account: Account): Promise<void>;
  /** Forgets a sign-in; forgetting the unknown is no failure. */
  remove(issuer: string): Promise<void>;
  /** Runs work that reads, changes and keeps one sign-in while no other process does so. */
  exclusively<T>(issuer: string, work: () => Promise<T>): Promise<T>;
};

/** Opens the store that POSTERN_CREDENTIALS chooses: `keyring`, `file`, a path; by default a keyring if it works, else the file. */
export function openCredentials(env: Environment): Credentials {
  const { path, place } = choosePlace(env);

  const change = async (edit: (contents: Contents) => Promise<void>): Promise<void> => {
    const { withLock } = await import('./lock.ts');
    await withLock(`${path}.lock`, async () => {
      const contents = await load(path);
      await edit(contents);
      await writePrivateFile(path, `${JSON.stringify(contents, undefined, 2)}\n`);
    });
  };

  return {
    path,
    async find(issuer) {
      const { current, accounts } = await load(path);
      const entry = accounts.find((each) => each.issuer === (issuer ?? current));
      return entry && isInKeyring(entry) ? findInKeyring(env, entry.issuer) : entry;
    },
    async listIssuers() {
      return (await load(path)).accounts.map((each) => each.issuer);
    },
    add: (account) =>
      change(async (contents) => {
        const others = contents.accounts.filter((each) => each.issuer !== account.issuer);
        const entry = place === 'file' ? account : await storeInKeyring(env, account, place === 'keyring');
        contents.accounts = [...others, entry];
        contents.current = account.issuer;
      }),
    replace: (account) =>
      change(async (contents) => {
        const index = contents.accounts.findIndex((each) => each.issuer === account.issuer);
        const entry = contents.accounts[index];
        if (!entry) return;
        contents.accounts[index] = isInKeyring(entry) ? await storeInKeyring(env, account, true) : account;
      }),
    remove: (issuer) =>
      change(async (contents) => {
        const entry = contents.accounts.find((each) => each.issuer === issuer);
        if (entry && isInKeyring(entry)) await (await demandKeyring(env)).remove(issuer).catch(refuseKeyring);
        contents.accounts = contents.accounts.filter((each) => each.issuer !== issuer);
        if (contents.current === issuer) delete contents.current;
      }),
    async exclusively(issuer, work) {
      const [{ withLock }, { createHash }] = await Promise.all([import('./lock.ts'), import('node:crypto')]);
      const name = createHash('sha256').update(issuer).digest('hex').slice(0, 16);
      return withLock(`${path}.${name}.lock`, work);
    },
  };
}

function choosePlace(env: Environment): { path: string; place: 'keyring' | 'file' | 'either' } {
  const choice = env.POSTERN_CREDENTIALS || 'either';
  if (choice === 'keyring' || choice === 'file' || choice === 'either') {
    return { path: join(configFolder(env), 'postern', 'credentials.json'), place: choice };
  }
  if (!/[/\\]/.test(choice)) {
    throw new AppError(
      'configuration',
      `POSTERN_CREDENTIALS is "${choice}": write keyring, file, or a path such as ./credentials.json`,
    );
  }
  return { path: resolve(choice), place: 'file' };
}

/** The XDG base directory specification has a relative path ignored. */
function configFolder(env: Environment): string {
  if (env.XDG_CONFIG_HOME && isAbsolute(env.XDG_CONFIG_HOME)) return env.XDG_CONFIG_HOME;
  if (process.platform === 'win32' && env.APPDATA) return env.APPDATA;
  return join(env.HOME || homedir(), '.config');
}

async function load(path: string): Promise<Contents> {
  const text = await readPrivateFile(path);
  if (text === undefined) return { version: 1, accounts: [] };
  const contents = parseContents(text);
  if (!contents) {
    throw new AppError('configuration', `${path} is damaged: remove it, then run: postern login`);
  }
  return contents;
}

function parseContents(text: string): Contents | undefined {
  let value: { version?: unknown; current?: unknown; accounts?: unknown } | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value?.version !== 1 || !Array.isArray(value.accounts)) return undefined;
  const accounts = value.accounts.map(parseEntry);
  if (!accounts.every((entry) => entry !== undefined)) return undefined;
  return { version: 1, ...(typeof value.current === 'string' && { current: value.current }), accounts };
}

function parseEntry(value: unknown): Entry | undefined {
  const given = value as { issuer?: unknown; stored_in?: unknown } | null;
  if (given?.stored_in === 'keyring' && typeof given.issuer === 'string') {
    return { issuer: given.issuer, stored_in: 'keyring' };
  }
  return parseAccount(value);
}

function isInKeyring(entry: Entry): entry is Exclude<Entry, Account> {
  return 'stored_in' in entry;
}

async function findInKeyring(env: Environment, issuer: string): Promise<Account | undefined> {
  const text = await (await demandKeyring(env)).find(issuer).catch(refuseKeyring);
  if (text === undefined) return undefined;
  try {
    return parseAccount(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function storeInKeyring(env: Environment, account: Account, isDemanded: boolean): Promise<Entry> {
  const entry = { issuer: account.issuer, stored_in: 'keyring' } as const;
  const { openKeyring } = await import('./keyring.ts');
  try {
    const keyring = isDemanded ? await demandKeyring(env) : openKeyring(env);
    if (!keyring) return account;
    await keyring.store(account.issuer, JSON.stringify(account));
    return entry;
  } catch (error) {
    return isDemanded ? refuseKeyring(error) : account;
  }
}

async function demandKeyring(env: Environment) {
  const { openKeyring } = await import('./keyring.ts');
  return openKeyring(env) ?? refuseKeyring(new Error('this machine offers none'));
}

function refuseKeyring(error: unknown): never {
  if (error instanceof AppError) throw error;
  const reason = error instanceof Error ? error.message : String(error);
  throw new AppError(
    'configuration',
    `The keyring cannot be used: ${reason}. Unlock it, or run: POSTERN_CREDENTIALS=file postern login`,
    {
      cause: error,
    },
  );
}
