import type { Deed, Operation, Result } from './operation.ts';

/** Writes down what is done, while it is done. */
export type Recorder = {
  readonly history: Operation[];
  /** A short name for a secret text, always the same; `kind` is its first word. */
  name(kind: string, text: string): string;
  /** Does something and writes it down when it has ended; `work` says how. */
  record<D extends Deed>(deed: D, work: () => Promise<Result>): Promise<Operation<D>>;
};

/** A recorder whose clock begins now. */
export function createRecorder(): Recorder {
  const began = performance.now();
  const history: Operation[] = [];
  const names = new Map<string, string>();
  return {
    history,
    name(kind, text) {
      const name = names.get(text) ?? `${kind} ${names.size + 1}`;
      names.set(text, name);
      return name;
    },
    async record(deed, work) {
      const begin = performance.now() - began;
      const result = await work();
      const operation = { ...deed, ...result, begin, end: performance.now() - began };
      history.push(operation);
      return operation;
    },
  };
}

/** An operation on one line, for a report. */
export function describeOperation(operation: Operation): string {
  const { begin, end, kind, outcome, ...rest } = operation;
  return `${begin.toFixed(1)}–${end.toFixed(1)} ms: ${kind} ${outcome} ${JSON.stringify(rest)}`;
}
