import { durationText } from './duration.ts';

/** How long a command waits in all for a server that says nothing, unless it is told otherwise. */
export const usualPatienceMs = 30_000;

/** What a server is that has let a time limit pass; its message is the end of a sentence. */
export class Silence extends Error {
  override readonly name = 'Silence';

  constructor(milliseconds: number) {
    super(`no answer within ${durationText(milliseconds / 1000)}`);
  }
}

/** A signal that aborts with a Silence after so many milliseconds. It keeps no process alive. */
export function startTimeLimit(milliseconds: number): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => limit.abort(new Silence(milliseconds)), milliseconds).unref();
  return limit.signal;
}
