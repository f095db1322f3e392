import { randomInt } from 'node:crypto';

/** Consonants without look-alikes or vowels (RFC 8628 section 6.1): no words, 34.6 bits in eight letters. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';

/** Eight random letters, without the dash. */
export function createUserCode(): string {
  return Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');
}

/** What a person typed, in any case, with or without dash or spaces; `undefined` if it cannot be a user code. */
export function normalizeUserCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s\p{Pd}_.]/gu, '');
  return code.length === 8 && [...code].every((letter) => letters.includes(letter)) ? code : undefined;
}

/** As it is shown: `XXXX-XXXX`. */
export function formatUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}
