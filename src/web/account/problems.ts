import type { Locale } from '../../../views/locale.ts';
import type { AppError } from '../../errors.ts';

/** What speaks against a form, in the person's language, by the field of the body; `form` for what belongs to none. */
export function problemsOf(refusal: AppError, { words }: Locale): Record<string, string> {
  const inWords = (text: string) => (words.problems as Record<string, string>)[text] ?? text;
  const problems: Record<string, string> = {};
  for (const problem of refusal.problems) {
    const [, name = 'form'] =
      'pointer' in problem ? (/^#\/([^/]+)/.exec(problem.pointer) ?? []) : ['', problem.parameter];
    problems[name] ??= inWords(problem.detail);
  }
  if (refusal.problems.length === 0) problems.form = inWords(refusal.publicMessage);
  return problems;
}
