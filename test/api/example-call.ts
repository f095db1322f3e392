import { randomUUID } from 'node:crypto';
import { apiBase } from '../../src/api/openapi.ts';
import type { ApiCaller } from '../support/api.ts';
import type { Answer } from '../support/client.ts';
import type { PlacedOperation } from '../support/openapi.ts';
import type { Circumstances } from './example-world.ts';

/** Sends an example of an operation at a server in the circumstances in which it works; `call` is who calls otherwise. */
export async function callByExample(
  { issuer, call }: { issuer: string; call: ApiCaller },
  { path: template, method, operation }: PlacedOperation,
  example: unknown,
  around: Circumstances,
): Promise<Answer> {
  const path = template.replace(/\{(\w+)\}/g, (_, name) => around.params?.[name] ?? randomUUID());
  const query = new URLSearchParams(
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query' && parameter.required)
      .map(({ name, example = '' }): [string, string] => [name, example]),
  );
  const body = example === undefined ? undefined : { ...(example as Record<string, string>), ...around.body };
  if (path.startsWith(apiBase)) {
    const request = { ...(around.headers && { headers: around.headers }), ...(body && { body }) };
    return await (around.call ?? call)(method, path.slice(apiBase.length), request);
  }
  const type = Object.keys(operation.requestBody?.content ?? {})[0];
  const isForm = type === 'application/x-www-form-urlencoded';
  const response = await fetch(`${issuer}${path}${query.size > 0 ? `?${query}` : ''}`, {
    method,
    headers: { ...(type && { 'content-type': type }), ...around.headers },
    ...(body && {
      body: isForm ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body),
    }),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}
