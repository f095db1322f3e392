import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { hasScreen } from './browser.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The system's keyring: one secret text per name. What it cannot do it throws; it never waits longer than its limit. */
export type Keyring = {
  find(name: string): Promise<string | undefined>;
  store(name: string, secret: string): Promise<void>;
  remove(name: string): Promise<void>;
};

/** What the keyring's process is asked, as JSON on its stdin. */
export type KeyringRequest = { action: keyof Keyring; name: string; secret?: string };

/** Opens the keyring; `undefined` where this machine has none. Nothing is started where there can be none. */
export function openKeyring(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): Keyring | undefined {
  if (platform === 'linux' && !hasSessionBus(env)) return undefined;
  // Whoever sees the keyring's window needs time to type a password; where nobody can, none will be typed.
  const limitMilliseconds = hasScreen(platform, env) ? 30_000 : 3_000;
  const ask = (request: KeyringRequest) => askKeyring(request, env, limitMilliseconds);
  return {
    find: async (name) => (await ask({ action: 'find', name })) || undefined,
    store: async (name, secret) => void (await ask({ action: 'store', name, secret })),
    remove: async (name) => void (await ask({ action: 'remove', name })),
  };
}

function hasSessionBus(env: Environment): boolean {
  if (env.DBUS_SESSION_BUS_ADDRESS) return true;
  return env.XDG_RUNTIME_DIR !== undefined && existsSync(join(env.XDG_RUNTIME_DIR, 'bus'));
}

function askKeyring(request: KeyringRequest, env: Environment, limitMilliseconds: number): Promise<string> {
  const script = join(import.meta.dirname, `keyring-process${extname(import.meta.filename)}`);
  const compiled = getCompileCacheDir();
  const options = {
    env: { ...env, ...(compiled && { NODE_COMPILE_CACHE: dirname(compiled) }) },
    timeout: limitMilliseconds,
    killSignal: 'SIGKILL',
    windowsHide: true,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [script], options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const reason = error.killed ? 'it does not answer, is it locked?' : lastWords(stderr);
      reject(new Error(reason, { cause: error }));
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify(request));
  });
}

/** The error's own line out of what a dying process prints around it. */
function lastWords(stderr: string): string {
  return /^(?:\w*Error)(?: \[\w+\])?: (.+)$/m.exec(stderr)?.[1] ?? 'it does not work on this machine';
}
