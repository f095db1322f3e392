import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer } from './client.ts';

/** An operation of an OpenAPI document, as it stands there. */
export type DescribedOperation = {
  operationId: string;
  security?: Record<string, string[]>[];
  parameters?: { in: string; name: string; required?: boolean; example?: string }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { headers?: Record<string, unknown>; content?: Record<string, Content> }>;
};

type Content = { schema: object; example?: unknown; examples?: Record<string, { value: unknown }> };

/** What of an OpenAPI document is needed to hold a server to it. */
export type OpenApiDocument = {
  openapi: string;
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Record<string, { example?: unknown }>; securitySchemes: Record<string, unknown> };
};

/** An operation with its place. */
export type PlacedOperation = { path: string; method: string; operation: DescribedOperation };

/** Every operation of a document. */
export function listOperations({ paths }: OpenApiDocument): PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

/** The examples of an operation's body; one that is nothing, where it has no body. */
export function examplesOf({ requestBody }: DescribedOperation): unknown[] {
  if (requestBody === undefined) return [undefined];
  const [content] = Object.values(requestBody.content);
  const examples = Object.values(content?.examples ?? {}).map(({ value }) => value);
  return content?.example === undefined ? examples : [content.example, ...examples];
}

/** The status that an operation has when it does what it is for. */
export function successOf({ responses }: DescribedOperation): number {
  return Number(Object.keys(responses).find((status) => status.startsWith('2')));
}

/** Holds values to the schemas of a document. */
export function createJudge(document: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true, logger: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');
  const assertFits = (value: unknown, pointer: string[], what: string): void => {
    const fragment = pointer.map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const validate = ajv.compile({ $ref: `document#/${fragment.join('/')}` });
    assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`);
  };
  return {
    assertFits,
    /** The answer is one that the document tells of: its status, its headers, its type, its body. */
    assertDescribed({ path, method, operation }: PlacedOperation, { status, headers, body }: Answer): void {
      const what = `${operation.operationId} ${status}`;
      const described = operation.responses[status];
      assert.ok(described, `${what} is not described: ${JSON.stringify(body)}`);
      for (const name of Object.keys(described.headers ?? {}))
        assert.ok(headers.has(name), `${what}: ${name}`);
      if (described.content === undefined) {
        assert.equal(body, '', what);
        return;
      }
      const type = headers.get('content-type')?.split(';')[0] ?? '';
      assert.ok(type in described.content, `${what} is ${type}`);
      const pointer = [
        'paths',
        path,
        method.toLowerCase(),
        'responses',
        `${status}`,
        'content',
        type,
        'schema',
      ];
      assertFits(typeof body === 'string' ? JSON.parse(body) : body, pointer, what);
    },
  };
}
