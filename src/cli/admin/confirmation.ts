import { AppError } from '../../errors.ts';
import type { Io } from '../io.ts';

/** Returns when the person typed `word`, or `isAgreed` already; else throws, having changed nothing. */
export async function confirm(
  io: Io,
  { question, word, isAgreed }: { question: string; word: string; isAgreed: boolean | undefined },
): Promise<void> {
  if (isAgreed) return;
  if (!io.isTerminal) throw new AppError('usage', `${question} Say so with --yes`);
  io.say(`${question} Type ${word} to go on.`);
  const answer = await io.askSecret('Not shown while you type');
  if (answer.trim() !== word) throw new AppError('failure', 'Nothing was changed');
}
