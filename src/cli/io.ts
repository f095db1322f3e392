import type { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { styleText } from 'node:util';
import { type Clock, systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { usualPatienceMs } from './patience.ts';

/** The streams and settings of the process that runs a command; with another clock and patience than the usual, if told. */
export type ProcessIo = {
  env: Readonly<Record<string, string | undefined>>;
  stdin: Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  stdout: Writable;
  stderr: Writable & { isTTY?: boolean; columns?: number };
  /** Subscribes to interruption (Ctrl-C and TERM) instead of dying of it. */
  onInterrupt?: (listener: () => void) => void;
  clock?: Clock;
  patienceMs?: number;
};

/** How a command meets its user: data on stdout, talk on stderr, colours and moving lines only on a terminal. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** How long a command waits in all for a server that says nothing. */
  readonly patienceMs: number;
  /** Whether somebody watches stderr. */
  readonly isTerminal: boolean;
  /** Width of that terminal in characters. */
  readonly columns: number;
  /** One line or more of data. */
  data(text: string): void;
  /** One value as one line of JSON data. */
  json(value: unknown): void;
  /** One line or more of talk. */
  say(text: string): void;
  /** Replaces the moving line at the bottom of a terminal; without text it goes away. Nothing off a terminal. */
  status(text?: string): void;
  /** Colours talk, where colours are welcome. */
  paint(style: Parameters<typeof styleText>[0], text: string): string;
  /** Aborted by Ctrl-C or TERM. A command that never asks for it is ended by them in the system's own way. */
  interruption(): AbortSignal;
  /** All of stdin as UTF-8 text. */
  readInput(): Promise<string>;
  /** A line typed without echo; a `usage` failure where no terminal can ask for it. */
  askSecret(prompt: string): Promise<string>;
  /** Waits until everything written has left; throws what a full disk said. A reader that went away is no failure. */
  flush(): Promise<void>;
};

const clearLine = '\r\u001b[2K';

/** Builds the Io of one run. */
export function createIo(process: ProcessIo): Io {
  const { env, stdin, stdout, stderr, onInterrupt } = process;
  const { clock = systemClock, patienceMs = usualPatienceMs } = process;
  const isTerminal = stderr.isTTY === true && env.TERM !== 'dumb';
  const isColoured = isTerminal && !env.NO_COLOR;
  let isLineMoving = false;
  let interruption: AbortController | undefined;
  let lost: Error | undefined;

  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') lost ??= error;
    });
  }

  const status = (text?: string): void => {
    if (!isTerminal || (text === undefined && !isLineMoving)) return;
    stderr.write(clearLine + (text ?? ''));
    isLineMoving = text !== undefined;
  };
  const data = (text: string): void => {
    status();
    stdout.write(`${text}\n`);
  };

  return {
    env,
    clock,
    patienceMs,
    isTerminal,
    get columns() {
      return stderr.columns ?? 80;
    },
    data,
    json: (value) => data(JSON.stringify(value)),
    say(text) {
      status();
      stderr.write(`${text}\n`);
    },
    status,
    paint: (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text),
    interruption() {
      if (!interruption) {
        const controller = new AbortController();
        onInterrupt?.(() => controller.abort());
        interruption = controller;
      }
      return interruption.signal;
    },
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
    async askSecret(prompt) {
      if (!stdin.isTTY || !stdin.setRawMode || !isTerminal) {
        throw new AppError('usage', `${prompt} cannot be asked for without a terminal; send it on stdin`);
      }
      const { readHiddenLine } = await import('./hidden-line.ts');
      stderr.write(`${prompt}: `);
      try {
        return await readHiddenLine(stdin);
      } finally {
        stderr.write('\n');
      }
    },
    async flush() {
      status();
      for (const stream of [stdout, stderr]) {
        if (stream.writable) await new Promise<void>((resolve) => stream.write('', () => resolve()));
      }
      // A stream tells its error one turn after the write that failed.
      await setImmediate();
      if (lost)
        throw new AppError('failure', `The output could not be written: ${lost.message}`, { cause: lost });
    },
  };
}
