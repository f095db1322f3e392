import type { Io } from '../io.ts';
import type { ApiFlags } from './flags.ts';

/** Prints what was answered: JSON with `--json`, else as people read it. */
export function print<Value>(
  io: Io,
  value: Value,
  { json }: ApiFlags,
  textOf: (value: Value) => string,
): void {
  if (json) io.json(value);
  else io.data(textOf(value));
}

/** Prints a list likewise; to people an empty one is said in words. */
export function printList<Item>(
  io: Io,
  items: readonly Item[],
  flags: ApiFlags,
  { textOf, none }: { textOf: (items: readonly Item[]) => string; none: string },
): void {
  if (items.length > 0 || flags.json) print(io, items, flags, textOf);
  else io.say(none);
}
