import type { ShownSecrets } from './traffic.ts';

/** What was found, as `name: value`. */
export type Findings = string[];

/** The spellings in which a secret may stand somewhere. */
export function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const encoded = (['hex', 'base64', 'base64url'] as const).map((name) => bytes.toString(name));
  return [secret, ...encoded].map((text) => text.replace(/=+$/, ''));
}

/** Exact, and slow where there are thousands of values: what stands anywhere in the text. */
export function findAnywhere(text: string, shown: ShownSecrets): Findings {
  return [...shown].filter(([value]) => text.includes(value)).map(describe);
}

/** What stands in the text as words of its own, in any spelling; in about the time that it takes to read the text. */
export function findWords(text: string, shown: ShownSecrets): Findings {
  // What JSON escapes would otherwise begin a word.
  const words = new Set(text.replaceAll(/\\[bfnrt]/g, ' ').match(/[\w-]{8,}/g));
  const isThere = (spelling: string) => {
    const telling = /^[\w-]+$/.test(spelling) ? [spelling] : (spelling.match(/[\w-]{16,}/g) ?? []);
    return telling.length > 0 ? telling.every((word) => words.has(word)) : text.includes(spelling);
  };
  return [...shown].filter(([value]) => spellings(value).some(isThere)).map(describe);
}

/** A text followed by all that is written in it in hexadecimal, base64 or base64url, and by what is written in that. */
export function unfold(text: string, depth = 2): string {
  if (depth === 0) return text;
  const inner = [
    ...[...text.matchAll(/(?:[0-9a-f]{2}){8,}/gi)].map(([run]) => Buffer.from(run, 'hex')),
    ...[...text.matchAll(/[\w+/-]{11,}/g)].map(([run]) => Buffer.from(run, 'base64')),
  ].map((bytes) => bytes.toString('latin1'));
  return `${text}\n${unfold(inner.join('\n'), depth - 1)}`;
}

const describe = ([value, name]: [value: string, name: string]): string => `${name}: ${value}`;
