import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { AppError } from '../errors.ts';
import { type Account, isForManagement, parseAccount, type SignInName } from './account.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type KeyringEntry = { issuer: string; client_id?: string; resource?: string; stored_in: 'keyring' };
type Entry = Account | KeyringEntry;
type Contents = { version: 1; current?: string; accounts: Entry[] };

/**
 * Which sign-in is meant: at this issuer (without one: at the current), as this client, for this API; of several the last
 * one. The one for the management API is meant only where `manages` or its URI says so.
 */
export type Choice = {
  issuer?: string | undefined;
  client?: string | undefined;
  resource?: string | undefined;
  manages?: boolean;
};

/** The sign-ins of this user, one for each issuer, client and API. Everything it cannot trust is a `configuration` failure with a remedy. */
export type Credentials = {
  /** Where the list of sign-ins is. */
  readonly path: string;
  /** The issuer of the last login. */
  findCurrentIssuer(): Promise<string | undefined>;
  /** The sign-in that is meant. */
  find(choice?: Choice): Promise<Account | undefined>;
  /** Exactly this sign-in, as it is now. */
  findNewest(name: SignInName): Promise<Account | undefined>;
  /** Every sign-in at an issuer. */
  listAt(issuer: string): Promise<Account[]>;
  /** Every issuer signed in to. */
  listIssuers(): Promise<string[]>;
  /** Keeps a new sign-in and makes its issuer the current; resolves to the one of the same name that it replaced. */
  add(account: Account): Promise<Account | undefined>;
  /** Keeps new tokens of a sign-in that is still there, in the place where it is. */
  replace(account: Account): Promise<void>;
  /** Forgets a sign-in; forgetting the unknown is no failure. */
  remove(name: SignInName): Promise<void>;
  /** Runs work that reads, changes and keeps sign-ins at one issuer while no other process does so. */
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

  const read = async (entry: Entry | undefined): Promise<Account | undefined> =>
    entry && isInKeyring(entry) ? findInKeyring(env, keyringName(entry)) : entry;

  return {
    path,
    async findCurrentIssuer() {
      return (await load(path)).current;
    },
    async find(choice = {}) {
      const { current, accounts } = await load(path);
      return read(
        accounts.findLast((each) => isMeant(each, { ...choice, issuer: choice.issuer ?? current })),
      );
    },
    async findNewest(name) {
      return read((await load(path)).accounts.find((each) => isNamed(each, name)));
    },
    async listAt(issuer) {
      const entries = (await load(path)).accounts.filter((each) => each.issuer === issuer);
      return (await Promise.all(entries.map(read))).filter((account) => account !== undefined);
    },
    async listIssuers() {
      return [...new Set((await load(path)).accounts.map((each) => each.issuer))];
    },
    async add(account) {
      let replaced: Account | undefined;
      await change(async (contents) => {
        replaced = await read(contents.accounts.find((each) => isNamed(each, account))).catch(
          () => undefined,
        );
        const others = contents.accounts.filter((each) => !isNamed(each, account));
        const entry = place === 'file' ? account : await storeInKeyring(env, account, place === 'keyring');
        contents.accounts = [...others, entry];
        contents.current = account.issuer;
      });
      return replaced;
    },
    replace: (account) =>
      change(async (contents) => {
        const index = contents.accounts.findIndex((each) => isNamed(each, account));
        const entry = contents.accounts[index];
        if (!entry) return;
        contents.accounts[index] = isInKeyring(entry) ? await storeInKeyring(env, account, true) : account;
      }),
    remove: (name) =>
      change(async (contents) => {
        const entry = contents.accounts.find((each) => isNamed(each, name));
        if (!entry) return;
        if (isInKeyring(entry))
          await (await demandKeyring(env)).remove(keyringName(entry)).catch(refuseKeyring);
        contents.accounts = contents.accounts.filter((each) => each !== entry);
        const isLast = contents.accounts.every(({ issuer }) => issuer !== entry.issuer);
        if (isLast && contents.current === entry.issuer) delete contents.current;
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
  const given = value as Record<string, unknown> | null;
  if (given?.stored_in === 'keyring' && typeof given.issuer === 'string') {
    const { issuer, client_id, resource } = given;
    return {
      issuer,
      ...(typeof client_id === 'string' && { client_id }),
      ...(typeof resource === 'string' && { resource }),
      stored_in: 'keyring',
    };
  }
  return parseAccount(value);
}

function isInKeyring(entry: Entry): entry is KeyringEntry {
  return 'stored_in' in entry;
}

/** An entry of an earlier version has only its issuer, and is kept in the keyring by that. */
function keyringName({ issuer, client_id, resource }: Partial<SignInName>): string {
  return [issuer, client_id, resource].filter(Boolean).join(' ');
}

function isNamed(entry: Entry, { issuer, client_id, resource }: SignInName): boolean {
  const { client_id: client = client_id } = entry;
  return entry.issuer === issuer && client === client_id && entry.resource === resource;
}

function isMeant(entry: Entry, { issuer, client, resource, manages }: Choice): boolean {
  if (entry.issuer !== issuer || (client && entry.client_id !== client)) return false;
  return resource ? entry.resource === resource : isForManagement(entry) === (manages ?? false);
}

async function findInKeyring(env: Environment, name: string): Promise<Account | undefined> {
  const text = await (await demandKeyring(env)).find(name).catch(refuseKeyring);
  if (text === undefined) return undefined;
  try {
    return parseAccount(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function storeInKeyring(env: Environment, account: Account, isDemanded: boolean): Promise<Entry> {
  const { issuer, client_id, resource } = account;
  const entry = { issuer, client_id, ...(resource && { resource }), stored_in: 'keyring' } as const;
  const { openKeyring } = await import('./keyring.ts');
  try {
    const keyring = isDemanded ? await demandKeyring(env) : openKeyring(env);
    if (!keyring) return account;
    await keyring.store(keyringName(account), JSON.stringify(account));
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
