import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { AppError } from '../../errors.ts';

/** One line of a file, counted from 1, without its end; or what is wrong with it. */
export type Line = { number: number } & ({ text: string } | { problem: string });

/** No line of what operators write by hand or by script is longer, and memory is not the file's to fill. */
const longestLine = 65_536;

/** The lines of a file in UTF-8, one after another, in bounded memory. A `usage` failure where it cannot be read. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let number = 1;
  let rest = Buffer.alloc(0);
  let isTooLong = false;
  const toLine = (bytes: Buffer): Line => {
    const line = isTooLong
      ? { number, problem: `longer than ${longestLine} bytes` }
      : { number, ...readText(number === 1 ? withoutMark(bytes) : bytes) };
    number += 1;
    isTooLong = false;
    return line;
  };
  for await (const chunk of readChunks(path)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const bytes = Buffer.concat([rest, chunk.subarray(start, end)]);
      isTooLong ||= bytes.length > longestLine;
      rest = Buffer.alloc(0);
      start = end + 1;
      yield toLine(bytes);
    }
    rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (rest.length > longestLine) {
      isTooLong = true;
      rest = Buffer.alloc(0);
    }
  }
  if (rest.length > 0 || isTooLong) yield toLine(rest);
}

const lineFeed = 0x0a;

async function* readChunks(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw new AppError('usage', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function readText(bytes: Buffer): { text: string } | { problem: string } {
  if (!isUtf8(bytes)) return { problem: 'not UTF-8' };
  return { text: bytes.toString().replace(/\r$/, '') };
}

/** Spreadsheets begin their files with a byte order mark. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).toString('hex') === 'efbbbf' ? bytes.subarray(3) : bytes;
}
