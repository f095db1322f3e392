import type { z } from 'zod';

/**
 * What is wrong with a checked object, one line a field, as `field: what to write instead`. The schema's own messages
 * are expected to say what to write; a field that the schema does not know is answered with those that it knows.
 */
export function listProblems(error: z.ZodError, known: readonly string[]): string[] {
  const lines = error.issues.flatMap((issue) => {
    const path = issue.path.map(clean);
    if (issue.code !== 'unrecognized_keys') return [`${path.join('.') || 'all'}: ${issue.message}`];
    return issue.keys.map(
      (key) => `${[...path, clean(key)].join('.')}: not known here; write one of ${known.join(', ')}`,
    );
  });
  return [...new Set(lines)];
}

/** A name that somebody typed, on its way to a terminal or a log. */
function clean(name: PropertyKey): string {
  return String(name).replace(/\p{Cc}/gu, '\u{fffd}');
}
