import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { Operation } from './operation.ts';
import { problemSchema } from './problem.ts';

/** Which failures an operation can answer with, besides those of every operation. */
function failuresOf({ params, body, method, scope }: Operation): [number, string][] {
  return [
    [400, 'The request is not well formed'],
    [401, 'No credential, or none that is good'],
    ...(scope ? [[403, `The caller lacks the permission \`${scope}\``] as [number, string]] : []),
    ...(params ? [[404, 'There is nothing here'] as [number, string]] : []),
    ...(method === 'GET' ? [] : [[409, 'This is in the way of something that is there'] as [number, string]]),
    ...(method === 'PATCH' || method === 'PUT'
      ? [[412, 'It was changed meanwhile'] as [number, string]]
      : []),
    ...(body ? [[415, 'The body is no JSON'] as [number, string]] : []),
    [422, 'Some fields are wrong'],
    [429, 'Too many requests'],
    [503, 'The service is temporarily unavailable'],
  ];
}
