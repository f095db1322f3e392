// The first that fits: the others call themselves Chrome and Safari too.
const browsers: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\/(\d{1,4})/, 'Edge'],
  [/\bOPR\/(\d{1,4})/, 'Opera'],
  [/\b(?:Firefox|FxiOS)\/(\d{1,4})/, 'Firefox'],
  [/\b(?:Headless)?(?:Chrome|CriOS)\/(\d{1,4})/, 'Chrome'],
  [/\bVersion\/(\d{1,4})[\d.]* (?:Mobile\/\w+ )?Safari\//, 'Safari'],
];

/** The version of the program that a `User-Agent` header claims, and its name where it is a browser that we know. */
export function claimedProgram(header: string): { name?: string; version: string } | undefined {
  const text = header.slice(0, 500);
  for (const [pattern, name] of browsers) {
    const version = pattern.exec(text)?.[1];
    if (version !== undefined) return { name, version };
  }
  const version = /^[\w.+-]{1,64}\/v?(\d{1,6}(?:\.\d{1,6}){0,3})(?![\w.])/.exec(text)?.[1];
  return version === undefined ? undefined : { version };
}
