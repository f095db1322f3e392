import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { inRoot } from '../../src/root.ts';
import { searchAtTheEnd } from './log-search.ts';

/** How a process ended: by its own exit code, or by a signal. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null };

/** A command in a process of its own, which leads a group of its own. */
export type Process = {
  readonly pid: number;
  /** Everything that it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves at the first line of standard output that fits; rejects with all output if the process ends before. */
  line(fits: (line: string) => boolean): Promise<string>;
  readonly ended: Promise<Ending>;
  /** Signals this process alone. */
  kill(signal: NodeJS.Signals): void;
  /** Signals the process and all that it has started, as a terminal does on Ctrl-C. */
  interrupt(): void;
  /** Ends it by force, if it still runs. */
  end(): Promise<Ending>;
};

/** How each process that runs now is told to stop: none may outlive a test that fails, or is itself interrupted. */
const running = new Set<() => void>();
process.once('exit', () => {
  for (const interrupt of running) interrupt();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a command in the project's folder with these environment variables and no others but `PATH` and `HOME`. */
export function startProcess(command: string[], env: Record<string, string> = {}): Process {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd: inRoot(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: process.env.HOME,
      ...env,
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} could not be started`);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended: Promise<Ending> = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const interrupt = () => void process.kill(-pid, 'SIGINT');
  running.add(interrupt);
  void ended.finally(() => running.delete(interrupt));
  return {
    pid,
    stdout: () => stdout.text,
    stderr: () => stderr.text,
    async line(fits) {
      for (;;) {
        const found = stdout.text.split('\n').slice(0, -1).find(fits);
        if (found !== undefined) return found;
        const ending = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended]);
        if (ending)
          throw new Error(`it ended (${ending.code ?? ending.signal}):\n${stdout.text}${stderr.text}`);
      }
    },
    ended,
    kill: (signal) => void child.kill(signal),
    interrupt,
    async end() {
      if (isRunning()) child.kill('SIGKILL');
      return await ended;
    },
  };
}

/** Starts `postern serve` and resolves when it listens; rejects with all that it has written if it ends instead. */
export async function serve(settings: Record<string, string>, preload?: string): Promise<Process> {
  const served = startProcess([inRoot('bin/postern'), 'serve'], {
    ...settings,
    ...(preload && { NODE_OPTIONS: `--import ${preload}` }),
  });
  searchAtTheEnd(() => readLog(served));
  await served.line((line) => line.includes('"listening"'));
  return served;
}

/** What a server has logged; the welcome of development, which tells passwords that everybody knows, is no log. */
export function readLog(served: Process): string {
  return served
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .join('\n');
}

function collect(stream: Readable): { text: string } {
  const collected = { text: '' };
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    collected.text += chunk;
  });
  return collected;
}
