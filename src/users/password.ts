import { type Algorithm, hash, verify } from '@node-rs/argon2';
import { isGuessable } from './blocklist.ts';
import { createTurnstile } from './turnstile.ts';

/** Shortest and longest password in characters, counted as code points (NIST SP 800-63B-4 section 3.1.1.2). */
export const passwordLength = { least: 15, most: 256 };

/** Why a password was not taken. */
export type PasswordRefusal =
  | { refusal: 'too_short'; least: number }
  | { refusal: 'too_long'; most: number }
  | { refusal: 'control_character' }
  | { refusal: 'guessable' };

// Argon2id; a const enum of the package, which type stripping cannot read.
const argon2id: Algorithm = 2;
const cost = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// The hash of 32 random bytes that nobody kept: what an unknown account's password is checked against.
const nobody =
  '$argon2id$v=19$m=19456,t=2,p=1$3UHZCb4KA25Se+NC/UdNgA$pnKQ3d3E3XU6+N8+YTO0jUj8SPxs8DBkng8OjrO4Za8';

// 18 ms of a core and 19 MiB each. Two leave the other half of libuv's four threads to files and names; a hundred who
// wait are served within about a second.
const turnstile = createTurnstile({ atOnce: 2, waiting: 100 });

/** Argon2id of a password, whatever it is: the rules are in `hashNewPassword`. AppError `too_many_requests` in a flood. */
export function hashPassword(password: string): Promise<string> {
  return turnstile(() => hash(prepare(password), cost));
}

/** Checks what a person chose, and hashes it if it will do. */
export async function hashNewPassword(
  password: string,
  email: string,
): Promise<{ hash: string } | PasswordRefusal> {
  return checkNewPassword(password, email) ?? { hash: await hashPassword(password) };
}

/**
 * Whether the password is the one that was hashed. Without a hash, for an unknown account, the answer is no after the
 * same time. AppError `too_many_requests` in a flood.
 */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  const isRight = await turnstile(() => verify(passwordHash ?? nobody, prepare(password)));
  return isRight && passwordHash !== undefined;
}

/** The rules for new passwords: length, and not easy to guess. None about kinds of characters. */
export function checkNewPassword(password: string, email: string): PasswordRefusal | undefined {
  const prepared = prepare(password);
  const length = [...prepared].length;
  if (length < passwordLength.least) return { refusal: 'too_short', least: passwordLength.least };
  if (length > passwordLength.most) return { refusal: 'too_long', most: passwordLength.most };
  if (/\p{Cc}/u.test(prepared)) return { refusal: 'control_character' };
  if (isGuessable(prepared, email)) return { refusal: 'guessable' };
  return undefined;
}

/** One spelling for what looks and is typed the same (RFC 8265 section 4.2.2): NFC, every kind of space as U+0020. */
function prepare(password: string): string {
  return password.replace(/\p{Zs}/gu, ' ').normalize('NFC');
}
