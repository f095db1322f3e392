import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';

// A caller that is still sending when its connection closes sees a reset instead of the answer. So what is too much
// is read and thrown away first, until it ends or nothing comes for a moment: most callers come to their end by then.
const lingerBytes = 1_048_576;
const lingerMs = 500;

/**
 * The whole body, whatever its length was said to be. Throws `payload_too_large` past `mostBytes`, `request_timeout`
 * when it has not arrived after `timeoutMs`; both answers close the connection.
 */
export function readBody(
  req: IncomingMessage,
  { mostBytes, timeoutMs }: { mostBytes: number; timeoutMs: number },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let received = 0;
  const isTooMuch = () => received > mostBytes;
  const stopTimer = startTimer(timeoutMs, () => fail(isTooMuch() ? 'payload_too_large' : 'request_timeout'));
  let stopLingering = () => {};

  const onData = (chunk: Buffer) => {
    received += chunk.length;
    if (!isTooMuch()) chunks.push(chunk);
    else if (received > mostBytes + lingerBytes) fail('payload_too_large');
    else linger();
  };
  const onEnd = () => {
    if (isTooMuch()) return fail('payload_too_large');
    settle();
    resolve(Buffer.concat(chunks, received));
  };
  const onBroken = (cause?: unknown) => fail('bad_request', cause);

  function linger() {
    chunks.length = 0;
    stopLingering();
    stopLingering = startTimer(lingerMs, () => fail('payload_too_large'));
  }
  function fail(code: 'payload_too_large' | 'request_timeout' | 'bad_request', cause?: unknown) {
    settle();
    req.pause();
    reject(new AppError(code, undefined, { cause, headers: { Connection: 'close' } }));
  }
  function settle() {
    stopTimer();
    stopLingering();
    req.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
  }

  req.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  return promise;
}

// A process that was busy looks at its timers before its sockets: what had arrived by then is read before a time is up.
function startTimer(milliseconds: number, onEnd: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timeout = setTimeout(() => {
    immediate = setImmediate(onEnd);
  }, milliseconds);
  return () => {
    clearTimeout(timeout);
    clearImmediate(immediate);
  };
}

/** Whether a request has no body at all. */
export function isBodyless({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** Whether a body says that it is of a type (in small letters), in UTF-8, and as it was written. */
export function isPlain({ headers }: IncomingMessage, wanted: string): boolean {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';', 8);
  const charsets = parameters.map((text) => text.trim()).filter((text) => text.startsWith('charset='));
  return (
    type.trim() === wanted &&
    charsets.every((text) => /^charset="?utf-?8"?$/.test(text)) &&
    ['identity', undefined].includes(headers['content-encoding']?.trim().toLowerCase())
  );
}
