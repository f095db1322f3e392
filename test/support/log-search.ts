import { findWords } from './search.ts';
import { watchTraffic } from './traffic.ts';

const shown = watchTraffic();
const logs: (() => string)[] = [];

/** Has a log searched for every secret that was shown or sent: where one is in it, the process fails as it ends. */
export function searchAtTheEnd(logged: () => string): void {
  logs.push(logged);
}

process.once('exit', () => {
  const found = findWords(logs.map((logged) => logged()).join('\n'), shown);
  if (found.length === 0) return;
  process.exitCode = 1;
  process.stderr.write(
    `A log holds ${found.length} values that were shown to somebody or sent by somebody:\n${found.slice(0, 10).join('\n')}\n`,
  );
});
