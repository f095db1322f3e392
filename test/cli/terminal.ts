import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCli } from '../../src/cli/program.ts';
import type { Clock } from '../../src/clock.ts';

/** What a command line left behind. */
export type Outcome = { exitCode: number; stdout: string; stderr: string };

/** A command line that is still running. */
export type Running = {
  outcome: Promise<Outcome>;
  /** The first match in what it has said on stderr, as soon as it is there. */
  heard(pattern: RegExp): Promise<RegExpExecArray>;
  /** Presses Ctrl-C. */
  interrupt(): void;
};

type Options = {
  env?: Record<string, string | undefined>;
  clock?: Clock;
  patienceMs?: number;
  columns?: number;
  input?: string;
};

/** Starts one command line in this process, as from a pipe or, with `columns`, as from a terminal of that width. */
export function startCommand(
  argv: string[],
  { env = {}, clock, patienceMs, columns, input = '' }: Options = {},
): Running {
  const stdin = new PassThrough();
  stdin.end(input);
  const stdout = capture();
  const stderr = capture();
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  let interrupt = () => {};
  const exit = runCli({
    argv,
    env,
    stdin,
    stdout: stdout.stream,
    stderr: Object.assign(stderr.stream, terminal),
    onInterrupt: (listener) => {
      interrupt = listener;
    },
    ...(clock && { clock }),
    ...(patienceMs !== undefined && { patienceMs }),
  });
  const outcome = exit.then((exitCode) => ({ exitCode, stdout: stdout.text(), stderr: stderr.text() }));
  return {
    outcome,
    interrupt: () => interrupt(),
    async heard(pattern) {
      for (;;) {
        const match = pattern.exec(stderr.text());
        if (match) return match;
        const said = once(stderr.stream, 'data');
        const ended = outcome.then(({ stderr: all }) => {
          if (!pattern.test(all)) throw new Error(`It ended without ${pattern}: ${all}`);
        });
        await Promise.race([said, ended]);
      }
    },
  };
}

/** Runs one command line to its end. */
export function runCommand(argv: string[], options: Options = {}): Promise<Outcome> {
  return startCommand(argv, options).outcome;
}

/** Who is told how to clean up: a test, or a suite by `createOwner`. */
export type Owner = { after(end: () => Promise<void>): unknown };

/** An owner for what a whole suite uses. */
export function createOwner(): Owner & { end(): Promise<void> } {
  const ends: (() => Promise<void>)[] = [];
  return {
    after: (end) => ends.push(end),
    async end() {
      for (const end of ends.splice(0)) await end();
    },
  };
}

/** A fresh home for one test, as settings of a command; it goes away with the test. */
export async function makeHome(t: Owner): Promise<{ HOME: string; XDG_CONFIG_HOME: string }> {
  const home = await mkdtemp(join(tmpdir(), 'postern-home-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  return { HOME: home, XDG_CONFIG_HOME: join(home, '.config') };
}

/** A stream that remembers everything written to it. */
export function capture(): { stream: PassThrough; text(): string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
