/** What a `User-Agent` header says in plain words; everything in it is only claimed. */
export type UserAgent = {
  /** Such as `postern 0.1.0` or `Firefox`; what cannot be told is the header itself, at most 80 characters of it. */
  program: string | undefined;
  /** Such as `Linux`. */
  system: string | undefined;
};

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

// The first that fits: Edge and Opera say Chrome too, everybody says Safari.
const browsers: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

/** Reads a `User-Agent` header. Knows systems and browsers by name, and any program that calls itself `name/version`. */
export function describeUserAgent(header: string): UserAgent {
  const text = header
    .slice(0, 500)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return { program: programOf(text), system: firstMatch(systems, text) };
}

function programOf(text: string): string | undefined {
  const product = /^([\w.-]{1,40})\/v?([\w.+-]{1,20})(?= |$)/.exec(text);
  if (product && product[1] !== 'Mozilla') return `${product[1]} ${product[2]}`;
  return firstMatch(browsers, text) ?? (text.slice(0, 80) || undefined);
}

function firstMatch(table: readonly [RegExp, string][], text: string): string | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
