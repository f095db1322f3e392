import { findWords } from './search.ts';
import { watchTraffic } from './traffic.ts';

const shown = watchTraffic();
const logs: (() => string)[] = [];

/** Has a log searched for every secret that was shown or sent, when the tests of the file are over. */
export function searchAtTheEnd(logged: () => string): void {
  logs.push(logged);
}

/** Throws where such a secret is in such a log; both are forgotten, for the next file. */
export function searchLogs(): void {
  const found = findWords(logs.map((logged) => logged()).join('\n'), shown);
  logs.length = 0;
  shown.clear();
  if (found.length === 0) return;
  throw new Error(
    `a log holds ${found.length} values that were shown to somebody or sent by somebody:\n${found.slice(0, 10).join('\n')}`,
  );
}

// A file that is run by itself ends with its process.
process.once('exit', searchLogs);
