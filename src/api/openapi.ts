import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
  type ZodOpenApiSecuritySchemeObject,
} from 'zod-openapi';
import { ownApi } from '../../views/words/en/own-api.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { Operation } from './operation.ts';
import { problemSchema } from './problem.ts';

/** Where the management API begins, below the issuer. */
export const apiBase = '/api/v1';

/** Where the OpenAPI document is, below the issuer. */
export const documentPath = `${apiBase}/openapi.json`;

/** Where the API is, and what the reference is called. */
export type Reference = {
  issuer: string;
  /** The header of the operator's own name that takes a token, if there is one. */
  tokenHeader: string | undefined;
  /** Paths that are not the management API's: the OAuth endpoints. */
  otherPaths: ZodOpenApiPathsObject;
};

/** The OpenAPI 3.1 document of the operations, from the schemas that check their requests. */
export function createReference(operations: readonly Operation[], reference: Reference): object {
  const { issuer, tokenHeader, otherPaths } = reference;
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = apiBase + operation.path;
    const method = operation.method.toLowerCase();
    paths[path] = { ...paths[path], [method]: describe(operation, tokenHeader !== undefined) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Postern API',
      version: '1',
      description: 'Tokens, people and programs of your organization, and the OAuth endpoints beside them.',
    },
    servers: [{ url: issuer }],
    tags: [...new Set([...operations.map(({ tag }) => tag), 'This document', 'OAuth'])].map((name) => ({
      name,
    })),
    paths: { ...(paths as ZodOpenApiPathsObject), [documentPath]: documentItself, ...otherPaths },
    components: { securitySchemes: securitySchemes(tokenHeader) },
  });
}

const documentItself: ZodOpenApiPathsObject[string] = {
  get: {
    operationId: 'showReference',
    tags: ['This document'],
    summary: 'Show this document',
    security: [{}],
    responses: {
      200: {
        description: 'The document',
        content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
      },
    },
  },
};

function securitySchemes(tokenHeader: string | undefined): Record<string, ZodOpenApiSecuritySchemeObject> {
  return {
    token: {
      type: 'http',
      scheme: 'bearer',
      description: 'An API token, or an access token for this API.',
    },
    session: {
      type: 'apiKey',
      in: 'header',
      name: 'X-CSRF-Token',
      description: 'The session of the browser that you are signed in with; this page fills it in.',
    },
    client: {
      type: 'http',
      scheme: 'basic',
      description: 'The id and the secret of a client, at the OAuth endpoints.',
    },
    ...(tokenHeader && { tokenHeader: { type: 'apiKey', in: 'header', name: tokenHeader } }),
  };
}

function describe(operation: Operation, hasTokenHeader: boolean): object {
  const { id, tag, summary, scope, params, query, body, example } = operation;
  const words = [
    operation.description,
    scope && `Needs the permission \`${scope}\`: ${ownApi.scopes[scope].toLowerCase()}.`,
  ];
  const header = requestHeaders(operation);
  const needed = scope === undefined ? [] : [scope];
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: words.filter(Boolean).join('\n\n'),
    security: [{ token: needed }, { session: needed }, ...(hasTokenHeader ? [{ tokenHeader: needed }] : [])],
    requestParams: { ...(params && { path: params }), ...(query && { query }) },
    ...(header.length > 0 && { parameters: header }),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: body, ...(example !== undefined && { example }) } },
      },
    }),
    responses: { ...success(operation), ...unchanged(operation), ...failures(operation) },
  };
}

function requestHeaders({ method, result }: Operation): object[] {
  const schema = { type: 'string' } as const;
  const description = headerWords[method];
  // What has no representation has no entity tag either.
  if (description === undefined || (method !== 'POST' && result === undefined)) return [];
  return [{ in: 'header', name: headerNames[method], schema, description }];
}

const headerNames = {
  GET: 'If-None-Match',
  POST: 'Idempotency-Key',
  PATCH: 'If-Match',
  PUT: 'If-Match',
  DELETE: undefined,
};

const tagged = 'The `ETag` of what is to be changed.';
const headerWords: Partial<Record<Operation['method'], string>> = {
  GET: 'The `ETag` of what is known already.',
  POST: 'The same request with the same key happens once, and gets the same answer for 24 hours.',
  PATCH: tagged,
  PUT: tagged,
};

function success({ status = 200, method, result }: Operation): ZodOpenApiResponsesObject {
  const description = { 200: 'Done', 201: 'Made', 202: 'Taken on', 204: 'Done; there is nothing to say' }[
    status
  ];
  const hasTag = result !== undefined && method !== 'POST';
  return {
    [`${status}`]: {
      description,
      headers: { ...limitHeaders, ...(hasTag && { ETag: textHeader('Changes with what is shown.') }) },
      ...(result && { content: { 'application/json': { schema: result } } }),
    },
  };
}

function unchanged({ method }: Operation): ZodOpenApiResponsesObject {
  if (method !== 'GET') return {};
  const headers = { ...limitHeaders, ETag: textHeader('The same as before.') };
  return { 304: { description: 'It is what `If-None-Match` names', headers } };
}

function textHeader(description: string) {
  return { description, schema: { type: 'string' as const } };
}

const limitHeaders = {
  RateLimit: textHeader('How many requests are left, and in how many seconds all are there again.'),
  'RateLimit-Policy': textHeader('How many requests there are, in how many seconds.'),
};

function failures({ method, scope, params, query, body, result }: Operation): ZodOpenApiResponsesObject {
  const isChange = method !== 'GET';
  const isList = !isChange && query !== undefined && params === undefined;
  const isConditional = (method === 'PATCH' || method === 'PUT') && result !== undefined;
  const words: Partial<Record<ErrorCode, string | false>> = {
    bad_request: 'The request is not well formed',
    not_signed_in: 'There is no credential, or none that is good',
    forbidden:
      scope === undefined ? 'The caller may not do this' : `The caller lacks the permission ${scope}`,
    not_found: !isList && 'There is nothing here',
    request_timeout: 'The body took too long to arrive',
    conflict: isChange && 'Something is in the way',
    precondition_failed: isConditional && 'It was changed meanwhile',
    payload_too_large: 'The body is too large',
    unsupported_media_type: body !== undefined && 'The body is no JSON',
    unprocessable: 'Some fields are wrong',
    too_many_requests: 'Too many requests',
    database_unavailable: 'The service is temporarily unavailable',
  };
  const entries = Object.entries(words) as [ErrorCode, string | false][];
  return Object.fromEntries(
    entries.flatMap(([code, description]) => (description ? [failure(code, description)] : [])),
  ) as ZodOpenApiResponsesObject;
}

function failure(code: ErrorCode, description: string): [status: string, response: object] {
  const { status, publicMessage } = new AppError(code);
  const mayComeAgain = code === 'too_many_requests' || code === 'database_unavailable';
  const example = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    detail: publicMessage,
    request_id: '3f1c1f6e-6a0a-4f6c-8a56-0d6f6f0a7c11',
    ...(code === 'unprocessable' && {
      errors: [{ parameter: 'limit', detail: 'write a number from 1 to 100' }],
    }),
  };
  const content = { 'application/problem+json': { schema: problemSchema, example } };
  const headers = { 'Retry-After': textHeader('In seconds.') };
  return [`${status}`, { description, ...(mayComeAgain && { headers }), content }];
}
