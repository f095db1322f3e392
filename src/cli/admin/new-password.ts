import { AppError } from '../../errors.ts';
import { randomText } from '../../secret.ts';
import type { PasswordRefusal } from '../../users/password.ts';
import type { Io } from '../io.ts';

/** Where a new password comes from; without any, it is asked for at the terminal. */
export type PasswordSource = { passwordStdin?: boolean; generate?: boolean };

// 119 bits; as many as a person may have to type.
const generatedLength = 20;

/** A new password from its source, and whether it must be shown because nobody knows it yet. */
export async function readNewPassword(
  io: Io,
  source: PasswordSource,
): Promise<{ password: string; isGenerated: boolean }> {
  if (source.passwordStdin && source.generate) {
    throw new AppError('usage', 'Give either --password-stdin or --generate, not both');
  }
  if (source.generate) return { password: randomText(generatedLength), isGenerated: true };
  if (source.passwordStdin) {
    const input = await io.readInput();
    return { password: input.replace(/\r?\n$/, ''), isGenerated: false };
  }
  if (!io.isTerminal) {
    throw new AppError(
      'usage',
      'There is no terminal to ask for a password; give --password-stdin or --generate',
    );
  }
  const password = await io.askSecret('New password');
  if ((await io.askSecret('Once more')) !== password) {
    throw new AppError('failure', 'The two passwords differ; nothing was changed');
  }
  return { password, isGenerated: false };
}

/** What is wrong with a password and what would be right, for the person who chose it. */
export function passwordRefusalText(refused: PasswordRefusal): string {
  switch (refused.refusal) {
    case 'too_short':
      return `The password is too short: use at least ${refused.least} characters, for instance four or five words`;
    case 'too_long':
      return `The password is too long: use at most ${refused.most} characters`;
    case 'control_character':
      return 'The password has a line break or another control character in it';
    case 'guessable':
      return 'The password is easy to guess: it is well known, repeats itself or follows the keyboard';
  }
}
