import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';
import { isBodyless, isPlain, readBody } from './body.ts';

const bounds = { mostBytes: 57_344, timeoutMs: 10_000 };

/**
 * Reads an `application/json` body of at most 56 kB; `undefined` where it is not well-formed JSON in UTF-8. Throws
 * AppError with status 408, 413 or 415.
 */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  const raw = await readBody(req, bounds);
  if (!isPlain(req, 'application/json')) throw new AppError('unsupported_media_type');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw));
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that there is no body where nothing would look at it: whoever sends one believes that it counts. AppError
 * `bad_request` for any, or with status 408 or 413.
 */
export async function readNothing(req: IncomingMessage): Promise<undefined> {
  const raw = isBodyless(req) ? '' : await readBody(req, bounds);
  if (raw.length > 0) throw new AppError('bad_request', 'This takes no request body; send none');
}
