import { type Sql, sql } from './postgres/sql.ts';

// The first that fits: Android says Linux too, every iPhone says Mac OS X.
const systems: [RegExp, string][] = [
  [/android/i, 'Android'],
  [/iphone|ipod/i, 'iOS'],
  [/ipad/i, 'iPadOS'],
  [/\bcros\b/i, 'ChromeOS'],
  [/windows|\bwin(32|64)\b/i, 'Windows'],
  [/mac ?os|macintosh|darwin/i, 'macOS'],
  [/freebsd/i, 'FreeBSD'],
  [/openbsd/i, 'OpenBSD'],
  [/linux|x11/i, 'Linux'],
];

/**
 * The system that a `User-Agent` header claims, by a name of ours. Nothing else of the header is ever shown: who asks
 * for approval could write there what would win it.
 */
export function claimedSystem(header: string): string | undefined {
  const text = header.slice(0, 500);
  return systems.find(([pattern]) => pattern.test(text))?.[1];
}

/** The same of a column that has such a header, for a statement; null where there is none, or none that we know. */
export function claimedSystemIn(header: Sql): Sql {
  const names = systems.map(([, name]) => name);
  // PostgreSQL calls the end of a word otherwise.
  const patterns = systems.map(([{ source }]) => source.replaceAll('\\b', '\\y'));
  return sql`(
    select name from unnest(${names}::text[], ${patterns}::text[]) with ordinality as known (name, pattern, rank)
    where left(${header}, 500) ~* pattern order by rank limit 1
  )`;
}
