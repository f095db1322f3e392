import { AppError, type ErrorCode } from '../../errors.ts';
import { durationText } from '../duration.ts';
import { harmless } from '../terminal-text.ts';

/** How a command calls the fields and parameters of the API: `expires_at` is `--expires`. */
export type FieldNames = Readonly<Record<string, string>>;

type FieldProblem = { pointer?: unknown; parameter?: unknown; detail?: unknown };

const codes: Partial<Record<number, ErrorCode>> = {
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'precondition_failed',
  422: 'unprocessable',
  429: 'too_many_requests',
};

/** What the management API refused, from its problem details (RFC 9457): a line, and one more for each wrong field. */
export function problemFailure(
  issuer: string,
  { status, headers, content }: { status: number; headers: Headers; content: unknown },
  { sent, fields = {} }: { sent: unknown; fields?: FieldNames | undefined },
): AppError {
  const problem = (content ?? {}) as { detail?: unknown; errors?: unknown };
  if (typeof problem.detail !== 'string') {
    return new AppError('failure', `${issuer} answers ${status}, and not as a management API would`);
  }
  const wrong = Array.isArray(problem.errors) ? (problem.errors as FieldProblem[]) : [];
  const lines = wrong.map((each) => `  ${nameOf(each, sent, fields)}: ${harmless(String(each.detail))}`);
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const wait = status === 429 && seconds > 0 ? `; try again in ${durationText(seconds)}` : '';
  const words = [`${harmless(problem.detail)}${wait}`, ...new Set(lines)].join('\n');
  return new AppError(codes[status] ?? 'failure', words);
}

/** The flag, and which of its values, where it was given several times: `--from nowhere`. */
function nameOf({ pointer, parameter }: FieldProblem, sent: unknown, fields: FieldNames): string {
  if (typeof pointer !== 'string') return harmless(fields[String(parameter)] ?? String(parameter));
  const path = pointer
    .replace(/^#?\/?/, '')
    .split('/')
    .map((part) => decode(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  const [field = '', ...rest] = path;
  const name = Object.hasOwn(fields, field) ? fields[field] : field;
  const value = path.reduce<unknown>((object, part) => memberOf(object, part), sent);
  const place = [
    ...rest.filter((part) => !/^\d+$/.test(part)),
    ...(typeof value === 'string' ? [value] : []),
  ];
  return harmless(rest.length > 0 && place.length > 0 ? `${name} ${place.join('=')}` : `${name}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function memberOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null && Object.hasOwn(object, name)
    ? (object as Record<string, unknown>)[name]
    : undefined;
}
