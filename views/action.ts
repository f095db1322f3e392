import type { Locale } from './locale.ts';

/** What the audit log calls an action, for people; one that the catalogue does not know by its name. */
export function actionInWords({ words }: Locale, action: string): string {
  const known: Readonly<Record<string, string>> = words.actions;
  return Object.hasOwn(known, action) ? (known[action] ?? action) : action;
}
