import { STATUS_CODES } from 'node:http';
import type { Context, Middleware } from 'koa';
import { type AppError, type ErrorCode, toAppError } from '../errors.ts';
import type { Log } from '../log.ts';
import { requestIdOf } from './request-id.ts';

/** Renders an error as a whole HTML document. */
export type ErrorPage = (
  ctx: Context,
  error: { status: number; code: ErrorCode; requestId: string },
) => string;

/** Where OAuth has a name for a failure (RFC 6749 sections 4.1.2.1 and 5.2), it is that; else it is our own code. */
const wireNames: Partial<Record<ErrorCode, string>> = {
  bad_request: 'invalid_request',
  request_timeout: 'invalid_request',
  payload_too_large: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  internal: 'server_error',
  failure: 'server_error',
  configuration: 'server_error',
  database_unavailable: 'temporarily_unavailable',
};

/**
 * Answers for whatever is thrown behind it: a page where the route answers with HTML (or, where there is no route, when
 * HTML is preferred), problem details (RFC 9457) where the route answers so, else JSON
 * `{ error, error_description, request_id }`. What the cause was is for the log alone.
 */
export function errors(options: { log: Log; errorPage: ErrorPage }): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.status >= 500) report(options.log, ctx, error);
      // Half an answer is out: cutting it off is the only way left to say that it is not whole.
      if (ctx.headerSent) ctx.res.destroy();
      else answer(ctx, error, options.errorPage);
    }
  };
}

function answer(ctx: Context, error: AppError, errorPage: ErrorPage): void {
  for (const name of ['Content-Encoding', 'Content-Length', 'ETag', 'Last-Modified', 'Set-Cookie'])
    ctx.remove(name);
  ctx.status = error.status;
  ctx.set({ ...error.headers, 'Cache-Control': 'no-store' });
  const requestId = requestIdOf(ctx);
  if (ctx.state.answers === 'problem') {
    ctx.body = problemOf(error, requestId);
    ctx.type = 'application/problem+json';
  } else if (isForPeople(ctx)) {
    ctx.type = 'html';
    ctx.body = errorPage(ctx, { status: error.status, code: error.code, requestId });
  } else {
    ctx.body = {
      error: wireNames[error.code] ?? error.code,
      error_description: describe(error),
      request_id: requestId,
    };
  }
}

/** RFC 9457; `about:blank` says that the status tells the kind. */
function problemOf(error: AppError, requestId: string): Record<string, unknown> {
  return {
    type: 'about:blank',
    title: STATUS_CODES[error.status],
    status: error.status,
    code: error.code,
    detail: error.publicMessage,
    request_id: requestId,
    ...(error.problems.length > 0 && { errors: error.problems }),
  };
}

function isForPeople(ctx: Context): boolean {
  if (ctx.state.answers !== undefined) return ctx.state.answers === 'html';
  return ctx.get('Accept') !== '' && ctx.accepts('json', 'html') === 'html';
}

/** Only the characters that RFC 6749 section 5.2 allows. */
function describe(error: AppError): string {
  return error.publicMessage.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, ' ');
}

function report(log: Log, ctx: Context, error: AppError): void {
  log.error(
    { err: error.cause ?? error, request_id: requestIdOf(ctx), code: error.code },
    error.publicMessage,
  );
}
