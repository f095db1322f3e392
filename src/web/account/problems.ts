import type { Locale } from '../../../views/locale.ts';
import type { AppError } from '../../errors.ts';

/** What speaks against a form, in the person's language, by the field of the body; `form` for what belongs to none. */
export function problemsOf(refusal: AppError, locale: Locale): Record<string, string> {
  const inWords = (text: string) => problemInWords(text, locale);
  const problems: Record<string, string> = {};
  for (const problem of refusal.problems) {
    const [, name = 'form'] =
      'pointer' in problem ? (/^#\/([^/]+)/.exec(problem.pointer) ?? []) : ['', problem.parameter];
    problems[name] ??= inWords(problem.detail);
  }
  if (refusal.problems.length === 0) problems.form = inWords(refusal.publicMessage);
  return problems;
}

/** A sentence of the management API in the person's language; where the catalogue lacks it, one that says less. */
export function problemInWords(
  text: string,
  { language, words }: Pick<Locale, 'language' | 'words'>,
): string {
  const known = new Map(Object.entries(words.problems));
  const numbers = text.match(/\d+/g) ?? [];
  const pattern = known.get(text) ?? known.get(text.replace(/\d+/g, '#'));
  if (pattern !== undefined) return pattern.replace(/#/g, () => numbers.shift() ?? '');
  // What it is about, a scope say, comes first.
  const [, subject, rest] = /^(\S+): (.+)$/.exec(text) ?? [];
  if (subject !== undefined && rest !== undefined)
    return `${subject}: ${problemInWords(rest, { language, words })}`;
  return language === 'en' ? text : words.problems['this cannot be taken as it is'];
}
