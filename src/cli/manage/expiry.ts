import { parseLifetime } from '../admin/lifetime.ts';
import type { Io } from '../io.ts';

/** The moment that `--expires` names, `null` for never. What is no time stays as it was typed, for the server to name. */
export function readExpiry(io: Io, text: string): string | null {
  if (text === 'never') return null;
  const seconds = parseLifetime(text);
  return seconds === undefined ? text : new Date(io.clock.now().getTime() + seconds * 1000).toISOString();
}
