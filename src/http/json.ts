import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';
import { isPlain, readBody } from './body.ts';

/**
 * Reads an `application/json` body of at most 56 kB; `undefined` where it is not well-formed JSON in UTF-8. Throws
 * AppError with status 408, 413 or 415.
 */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  const raw = await readBody(req, { mostBytes: 57_344, timeoutMs: 10_000 });
  if (!isPlain(req, 'application/json')) throw new AppError('unsupported_media_type');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw));
  } catch {
    return undefined;
  }
}
