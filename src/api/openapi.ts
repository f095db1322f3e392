import { createDocument, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import type { Operation } from './operation.ts';
import { problemSchema } from './problem.ts';
import { apiScopes } from './scope.ts';

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
    const path = `/api/v1${operation.path}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Postern',
      version: '1',
      description: 'Tokens, people and programs of your organization, and the OAuth endpoints beside them.',
    },
    servers: [{ url: issuer }],
    security: [{ token: [] }, { session: [] }, ...(tokenHeader ? [{ tokenHeader: [] }] : [])],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: { ...(paths as ZodOpenApiPathsObject), ...otherPaths },
    components: {
      securitySchemes: {
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
        ...(tokenHeader && {
          tokenHeader: { type: 'apiKey' as const, in: 'header' as const, name: tokenHeader },
        }),
      },
    },
  });
}

function describe(operation: Operation): object {
  const { id, tag, summary, scope, params, query, body, example, method } = operation;
  const words = [
    operation.description,
    scope && `Needs the permission \`${scope}\`: ${apiScopes[scope][0].toLowerCase()}.`,
  ];
  const header = requestHeaders(method);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: words.filter(Boolean).join('\n\n'),
    requestParams: { ...(params && { path: params }), ...(query && { query }) },
    ...(header.length > 0 && { parameters: header }),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: body, ...(example !== undefined && { example }) } },
      },
    }),
    responses: { ...success(operation), ...failures(operation) },
  };
}

function requestHeaders(method: Operation['method']): object[] {
  const text = { type: 'string' } as const;
  if (method === 'POST') {
    return [
      {
        in: 'header',
        name: 'Idempotency-Key',
        schema: text,
        description:
          'The same request with the same key happens once, and gets the same answer for 24 hours.',
      },
    ];
  }
  if (method === 'PATCH' || method === 'PUT') {
    return [
      { in: 'header', name: 'If-Match', schema: text, description: 'The `ETag` of what is to be changed.' },
    ];
  }
  return [];
}

function success({ status = 200, result }: Operation): ZodOpenApiResponsesObject {
  const description = { 200: 'Done', 201: 'Made', 202: 'Taken on', 204: 'Done; there is nothing to say' }[
    status
  ];
  return {
    [`${status}`]: { description, ...(result && { content: { 'application/json': { schema: result } } }) },
  };
}

function failures({ method, scope, params, body }: Operation): ZodOpenApiResponsesObject {
  const isChange = method === 'PATCH' || method === 'PUT';
  const words: Record<number, string | false> = {
    400: 'The request is not well formed',
    401: 'There is no credential, or none that is good',
    403: scope !== undefined && `The caller lacks the permission ${scope}`,
    404: params !== undefined && 'There is nothing here',
    409: method !== 'GET' && 'Something is in the way',
    412: isChange && 'It was changed meanwhile',
    413: body !== undefined && 'The body is too large',
    415: body !== undefined && 'The body is no JSON',
    422: 'Some fields are wrong',
    429: 'Too many requests',
    503: 'The service is temporarily unavailable',
  };
  return Object.fromEntries(
    Object.entries(words)
      .filter(([, description]) => description)
      .map(([status, description]) => [
        status,
        { description, content: { 'application/problem+json': { schema: problemSchema } } },
      ]),
  ) as ZodOpenApiResponsesObject;
}
