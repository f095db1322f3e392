import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';
import { readBody } from './body.ts';

const mostBytes = 1_048_576;

/**
 * Reads an `application/json` body of at most 1 MB in UTF-8, without NUL in its texts: no column of ours takes one.
 * Throws AppError with status 400, 408, 413 or 415.
 */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  const type = req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json' || (req.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new AppError('unsupported_media_type', 'Send JSON, with Content-Type: application/json');
  }
  const raw = await readBody(req, { mostBytes, timeoutMs: 10_000 });
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
    if (text.includes('\\u0000')) throw new SyntaxError('a NUL character');
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('bad_request', 'The request body is no JSON in UTF-8', { cause });
  }
}
