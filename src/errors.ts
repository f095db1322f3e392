/** What a failure means to each door: the HTTP status, the exit code of the command line, and the words for both. */
const codes = {
  bad_request: { status: 400, exitCode: 1, message: 'The request is not well formed' },
  forbidden: { status: 403, exitCode: 1, message: 'This is not allowed' },
  form_expired: { status: 403, exitCode: 1, message: 'This form has expired' },
  not_found: { status: 404, exitCode: 1, message: 'There is nothing here' },
  method_not_allowed: { status: 405, exitCode: 1, message: 'This method is not supported here' },
  request_timeout: { status: 408, exitCode: 1, message: 'The request took too long to arrive' },
  conflict: { status: 409, exitCode: 1, message: 'This exists already' },
  precondition_failed: {
    status: 412,
    exitCode: 1,
    message: 'This has been changed meanwhile; load it again, then change it',
  },
  payload_too_large: { status: 413, exitCode: 1, message: 'The request body is too large' },
  unsupported_media_type: { status: 415, exitCode: 1, message: 'This content type is not supported' },
  unprocessable: { status: 422, exitCode: 1, message: 'Some fields are wrong' },
  too_many_requests: { status: 429, exitCode: 1, message: 'Too many requests; wait before the next one' },
  internal: { status: 500, exitCode: 1, message: 'Something went wrong on our side' },
  database_unavailable: { status: 503, exitCode: 1, message: 'The service is temporarily unavailable' },
  failure: { status: 500, exitCode: 1, message: 'This did not work' },
  usage: { status: 400, exitCode: 2, message: 'The command was not understood' },
  not_signed_in: { status: 401, exitCode: 4, message: 'Not signed in' },
  // RFC 9470 section 3.
  insufficient_user_authentication: { status: 401, exitCode: 4, message: 'Prove again who you are' },
  configuration: { status: 500, exitCode: 78, message: 'The configuration is not valid' },
} as const;

/** The name of a failure, the same at every door. */
export type ErrorCode = keyof typeof codes;

/** What is wrong with one field of a request: where in the body (a JSON pointer), or which parameter; and what to write. */
export type Problem = { pointer: string; detail: string } | { parameter: string; detail: string };

/** A failure with words that may be shown to anybody; the `cause` is for the log alone. A refusal is a value, never this. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** Safe to show: names no secret, no query, no file of the server. */
  readonly publicMessage: string;
  readonly status: number;
  readonly exitCode: number;
  /** Sent with the HTTP answer, for instance `Retry-After` or `Allow`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Every wrong field at once. */
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    publicMessage: string = codes[code].message,
    options: { cause?: unknown; headers?: Record<string, string>; problems?: readonly Problem[] } = {},
  ) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.publicMessage = publicMessage;
    this.status = codes[code].status;
    this.exitCode = codes[code].exitCode;
    this.headers = options.headers ?? {};
    this.problems = options.problems ?? [];
  }
}

/** The database is away: 503 with `Retry-After`, never an OAuth error that would look like the caller's fault. */
export function databaseUnavailable(cause: unknown): AppError {
  return new AppError('database_unavailable', undefined, { cause, headers: { 'Retry-After': '2' } });
}

/** Whether a failure is that the database is away. */
export function isDatabaseUnavailable(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'database_unavailable';
}

/** Somebody is to wait so many seconds: 429 with `Retry-After`. */
export function tooManyRequests(retryAfterSeconds: number): AppError {
  return new AppError('too_many_requests', undefined, {
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });
}

/** Any thrown value as an AppError; what is not one already is `internal`. */
export function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', undefined, { cause: error });
}
