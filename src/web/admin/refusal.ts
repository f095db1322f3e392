import type { Locale } from '../../../views/locale.ts';
import type { AppError } from '../../errors.ts';
import { problemsOf } from '../account/problems.ts';

/** What speaks against what a form wanted, by field; what belongs to none under `form`. */
export function fieldsOf(refusal: AppError, locale: Locale): Record<string, string> {
  if (refusal.code === 'forbidden')
    return { form: locale.words.problems['this needs more than you have yourself'] };
  return problemsOf(refusal, locale);
}

/** The same in one sentence, for a form without fields. */
export function sentenceOf(refusal: AppError, locale: Locale): string {
  return Object.values(fieldsOf(refusal, locale)).join('; ');
}
