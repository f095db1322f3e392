import type { Readable } from 'node:stream';
import { Interrupted } from './exit.ts';

/** Reads one line from a terminal in raw mode, so that nothing typed is shown. Ctrl-C throws Interrupted. */
export async function readHiddenLine(
  stdin: Readable & { setRawMode?(raw: boolean): unknown },
): Promise<string> {
  let typed = '';
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  try {
    for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
      for (const character of String(chunk)) {
        if (character === '\r' || character === '\n' || character === '\u0004') return typed;
        if (character === '\u0003') throw new Interrupted();
        if (character === '\u007f' || character === '\b') typed = typed.slice(0, -1);
        else if (character >= ' ') typed += character;
      }
    }
    return typed;
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
  }
}
