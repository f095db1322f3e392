import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';
import { isBodyless, isPlain, readBody } from './body.ts';

/** A form as it was sent: the bytes, and the pairs in their order with repetitions. */
export type Form = { raw: Buffer; pairs: [name: string, value: string][] };

const mostBytes = 57_344;
const mostPairs = 100;

/** How many parameters a form of ours can have: one for each permission that is ticked. */
export const mostTicks = 1_000;

/**
 * Reads an `application/x-www-form-urlencoded` body of at most 56 kB, in UTF-8, with at most `most` parameters. A request
 * without a body is an empty form. Throws AppError with status 400, 408, 413 or 415. Values may hold NUL.
 */
export async function readForm(
  req: IncomingMessage,
  options: { timeoutMs?: number; most?: number } = {},
): Promise<Form> {
  if (isBodyless(req)) return { raw: Buffer.alloc(0), pairs: [] };
  const raw = await readBody(req, { mostBytes, timeoutMs: options.timeoutMs ?? 10_000 });
  if (!isPlain(req, 'application/x-www-form-urlencoded')) throw new AppError('unsupported_media_type');
  return { raw, pairs: parseForm(raw, options.most) };
}

/** The one value of a name; `undefined` if there is none. Throws `bad_request` when it was sent more than once. */
export function fieldOf(form: Form, name: string): string | undefined {
  const [value, another] = valuesOf(form, name);
  if (another !== undefined)
    throw new AppError('bad_request', `The parameter ${name} was sent more than once`);
  return value;
}

/** What the one value of a name says as JSON; `undefined` where there is none, or it is not JSON. */
export function jsonOf(form: Form, name: string): unknown {
  const text = fieldOf(form, name) ?? '';
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Every value of a name, in their order. */
export function valuesOf(form: Form, name: string): string[] {
  return form.pairs.filter(([given]) => given === name).map(([, value]) => value);
}

/** The pairs in a form's bytes, or `bad_request` for more than `most`, for bad percent-encoding and for what is not UTF-8. */
function parseForm(raw: Uint8Array, most = mostPairs): Form['pairs'] {
  const text = decode(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw));
  const pieces = text.split('&', most + 1);
  if (pieces.length > most) throw new AppError('bad_request', 'The request has too many parameters');
  return pieces.filter(Boolean).map((piece) => {
    const equals = piece.indexOf('=');
    return equals < 0
      ? [decodePart(piece), '']
      : [decodePart(piece.slice(0, equals)), decodePart(piece.slice(equals + 1))];
  });
}

function decodePart(text: string): string {
  return decode(() => decodeURIComponent(text.replaceAll('+', ' ')));
}

function decode(work: () => string): string {
  try {
    return work();
  } catch (cause) {
    throw new AppError('bad_request', 'The request body is not a well-formed form in UTF-8', { cause });
  }
}
