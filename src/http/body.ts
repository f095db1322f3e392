import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';

// A caller that is still sending when its connection closes sees a reset instead of the answer. So what is too much
// is read and thrown away for a moment first: most callers come to their end within it.
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
  let timer = setTimeout(() => fail('request_timeout'), timeoutMs);
  const isTooMuch = () => received > mostBytes;

  const onData = (chunk: Buffer) => {
    const wasTooMuch = isTooMuch();
    received += chunk.length;
    if (!isTooMuch()) chunks.push(chunk);
    else if (received > mostBytes + lingerBytes) fail('payload_too_large');
    else if (!wasTooMuch) linger();
  };
  const onEnd = () => {
    if (isTooMuch()) return fail('payload_too_large');
    settle();
    resolve(Buffer.concat(chunks, received));
  };
  const onBroken = (cause?: unknown) => fail('bad_request', cause);

  function linger() {
    chunks.length = 0;
    clearTimeout(timer);
    timer = setTimeout(() => fail('payload_too_large'), lingerMs);
  }
  function fail(code: 'payload_too_large' | 'request_timeout' | 'bad_request', cause?: unknown) {
    settle();
    req.pause();
    reject(new AppError(code, undefined, { cause, headers: { Connection: 'close' } }));
  }
  function settle() {
    clearTimeout(timer);
    req.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
  }

  req.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  return promise;
}
