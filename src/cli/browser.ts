import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** Opens an http(s) address in the person's browser where there is a screen to see it on. Never fails, never waits. */
export function openBrowser(address: string, env: Environment): void {
  const command = browserCommand(process.platform, env);
  const url = URL.parse(address);
  if (!command || (url?.protocol !== 'https:' && url?.protocol !== 'http:')) return;
  const [program, ...parameters] = command;
  const child = spawn(program, [...parameters, url.href], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  child.on('error', () => {});
  child.unref();
}

/** The program that opens an address, or `undefined` where the browser would open elsewhere or nowhere. */
export function browserCommand(
  platform: NodeJS.Platform,
  env: Environment,
): [string, ...string[]] | undefined {
  if (!hasScreen(platform, env)) return undefined;
  if (platform === 'darwin') return ['open'];
  // Not `start`: cmd.exe would read the & of an address as its own.
  return platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open'];
}

/** Whether the person sits at this machine and sees its windows: not over SSH, and not without a display. */
export function hasScreen(platform: NodeJS.Platform, env: Environment): boolean {
  if (env.SSH_CONNECTION || env.SSH_CLIENT || env.SSH_TTY) return false;
  return platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
