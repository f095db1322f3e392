import { z } from 'zod';
import { isPlainName, plainNameAdvice } from '../plain-name.ts';
import { wrongField } from './problem.ts';

/** What people call a token or an organization: what they are called already, whatever it looks like. */
export const name = z
  .string('write a name')
  .regex(
    // Each character fits one place only: a pattern that could try several would take seconds for a long text.
    /^ *[^\s\p{Cc}]\P{Cc}*$/u,
    { error: 'write 1 to 100 characters, none of them a control character', abort: true },
  )
  .max(100, 'write at most 100 characters');

/** What people call something new. */
export const newName = name.refine(isPlainName, plainNameAdvice);

/** Lets something keep the `name` that it has; AppError `unprocessable` for another that does not look like what it is. */
export function refuseUnseen(name: string | undefined, before: { name: string }): void {
  if (name === undefined || name === before.name || isPlainName(name)) return;
  throw wrongField('name', plainNameAdvice);
}
