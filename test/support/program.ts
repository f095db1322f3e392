import assert from 'node:assert/strict';
import { demoResource } from '../../src/development.ts';
import { type Answer, post } from './client.ts';
import type { Employee } from './company.ts';

/** What a program of an organization is registered with unless a test says otherwise. */
export const machine = {
  client_name: 'Nightly import',
  grant_types: ['client_credentials'],
  resources: { [demoResource.uri]: ['read'] },
};

/** Registers a program over the management API. */
export async function register(by: Employee, body: object = machine): Promise<Answer['body']> {
  const answer = await by.call('POST', '/clients', body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

/** Asks for a token by client credentials. */
export function requestToken(
  issuer: string,
  [id, secret]: [id: string, secret: string],
  form: Record<string, string> = {},
): Promise<Answer> {
  const body = { grant_type: 'client_credentials', ...form };
  return post(`${issuer}/oauth/token`, body, { basic: `${id}:${secret}` });
}
