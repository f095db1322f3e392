const units: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

// Some three thousand years: what is so far from now can still be written as a time.
const mostSeconds = 1e11;

/** Seconds of a text such as `900`, `15m`, `1h30m` or `30d`; `undefined` for any other, and for more than 10^11 seconds. */
export function parseLifetime(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  if (!/^(?:\d{1,10}[smhd])+$/.test(text)) return undefined;
  const seconds = [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
  return seconds <= mostSeconds ? seconds : undefined;
}

/** The shortest such text: `15m`, `1h30m`; empty for no lifetime. */
export function lifetimeText(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  let rest = seconds;
  let text = '';
  for (const [unit, size] of Object.entries(units).reverse()) {
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text;
}
