import { harmless } from '../terminal-text.ts';

/** Rows in columns as wide as their widest text, two spaces between them; the last one is as long as it is. Each is one line. */
export function table(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map((text) => harmless(text.replace(/[\r\n]+/g, ' '))));
  const widths = (shown[0] ?? []).map((_, column) =>
    Math.max(...shown.map((row) => row[column]?.length ?? 0)),
  );
  return shown
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One thing as names beside values; those without a value are left out. */
export function card(rows: readonly (readonly [name: string, value: string | undefined])[]): string {
  return table(rows.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
