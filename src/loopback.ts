const names = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a URL's host can be reached from this machine only. */
export function isLoopback(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && names.has(parsed.hostname);
}
