import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { inRoot } from '../../src/root.ts';

/** `bin/postern login` in a process of its own. */
export type Login = {
  /** The code that it asks a person to enter. */
  userCode: string;
  /** How it ended and what it said. */
  ended: Promise<{ exitCode: number | null; stderr: string }>;
  /** Ends it, if it has not ended. */
  kill(): void;
};

/** Starts a login as from a pipe, without a browser of its own, and waits for the code. */
export async function startLogin(env: {
  POSTERN_ISSUER: string;
  POSTERN_CREDENTIALS: string;
}): Promise<Login> {
  const child = spawnPostern(['login', '--no-browser', '--scope', 'read write offline_access'], env);
  let stderr = '';
  const said = Promise.withResolvers<string>();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    const [, userCode] = /enter the code ([A-Z]{4}-[A-Z]{4})/.exec(stderr) ?? [];
    if (userCode !== undefined) said.resolve(userCode);
  });
  const ended = once(child, 'close').then(([exitCode]) => {
    said.reject(new Error(`postern login ended without a code: ${stderr}`));
    return { exitCode: exitCode as number | null, stderr };
  });
  return { userCode: await said.promise, ended, kill: () => child.kill() };
}

/** Runs any other command to its end and returns what it printed. */
export async function runPostern(args: string[], env: Record<string, string>): Promise<string> {
  const child = spawnPostern(args, env);
  const [stdout, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (exitCode !== 0) throw new Error(`postern ${args.join(' ')} ended with ${exitCode}`);
  return stdout;
}

function spawnPostern(args: string[], env: Record<string, string>) {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return spawn(inRoot('bin', 'postern'), args, {
    env: { PATH: path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
