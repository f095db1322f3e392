import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { isPlainName, plainNameAdvice } from '../../plain-name.ts';
import { listProblems } from '../../problems.ts';
import type { LegacyCredential } from '../../tokens/legacy.ts';
import { isEmail, normalizeEmail } from '../../users/user.ts';
import { type Line, readLines } from './lines.ts';

/** A credential as a line of the file has it, or what is wrong with the line. */
export type LegacyLine = { number: number } & (
  | { credential: LegacyCredential }
  | { problem: string; uuid: string | undefined }
);

const fields = ['uuid', 'secret_sha256', 'owner', 'name'] as const;

const nameAdvice = 'write 1 to 100 characters, none of them a control character';

function isName(text: string): boolean {
  return text.length <= 100 && /\S/.test(text) && !/[\p{Cc}\p{Cs}]/u.test(text);
}

const schema = z.strictObject(
  {
    uuid: z
      .string('write a UUID')
      .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'write a UUID')
      .toLowerCase(),
    secret_sha256: z
      .string('write 64 hexadecimal digits')
      .regex(/^[0-9a-f]{64}$/i, 'write 64 hexadecimal digits'),
    owner: z
      .string('write an email address')
      .transform(normalizeEmail)
      .refine(isEmail, 'write an email address'),
    name: z
      .string(nameAdvice)
      .refine(isName, { error: nameAdvice, abort: true })
      .refine(isPlainName, plainNameAdvice),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'not an object' : undefined) },
);

/**
 * Reads a file of legacy credentials line by line: JSON objects, or CSV (RFC 4180) whose first line names its columns.
 * Empty lines are passed over. A `usage` failure where the file cannot be read or its columns are others.
 */
export async function* readLegacyFile(path: string): AsyncGenerator<LegacyLine> {
  let read: ((text: string) => unknown) | undefined;
  for await (const line of readLines(path)) {
    if ('text' in line && line.text.trim() === '') continue;
    if (!read && !isJson(line)) {
      read = csvReader(path, line);
      continue;
    }
    read ??= JSON.parse;
    yield { number: line.number, ...parse(line, read) };
  }
}

function isJson(line: Line): boolean {
  return 'text' in line && line.text.trimStart().startsWith('{');
}

function csvReader(path: string, header: Line): (text: string) => unknown {
  const columns = 'text' in header ? header.text.split(',').map((name) => name.trim()) : [];
  if ([...columns].sort().join() !== [...fields].sort().join()) {
    throw new AppError(
      'usage',
      `${path}: write JSON objects, one a line, or CSV that begins with the line ${fields.join(',')}`,
    );
  }
  return (text) => {
    const values = splitCsv(text);
    if (values.length !== columns.length) throw new SyntaxError(`${values.length} fields in place of 4`);
    return Object.fromEntries(columns.map((column, index) => [column, values[index]]));
  };
}

function parse(
  line: Line,
  read: (text: string) => unknown,
): { credential: LegacyCredential } | { problem: string; uuid: string | undefined } {
  if ('problem' in line) return { problem: line.problem, uuid: undefined };
  let value: unknown;
  try {
    value = read(line.text);
  } catch (error) {
    const problem = error instanceof SyntaxError && read !== JSON.parse ? error.message : 'not JSON';
    return { problem, uuid: undefined };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    return { problem: listProblems(parsed.error, [...fields]).join('; '), uuid: uuidOf(value) };
  }
  const { uuid, secret_sha256, owner, name } = parsed.data;
  return {
    credential: { id: uuid, secretDigest: Buffer.from(secret_sha256, 'hex'), ownerEmail: owner, name },
  };
}

/** What the line calls itself, if that is a UUID: nothing else of a wrong line is told again, it may be a secret. */
function uuidOf(value: unknown): string | undefined {
  return schema.shape.uuid.safeParse((value as { uuid?: unknown } | null)?.uuid).data;
}

/** The fields of one line of CSV: bare, or in double quotes, which are doubled within. */
function splitCsv(text: string): string[] {
  const all = `,${text}`;
  const found = [...all.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/g)];
  const length = found.reduce((sum, [field]) => sum + field.length, 0);
  if (length !== all.length) throw new SyntaxError('a quote is out of place');
  return found.map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '');
}
