import assert from 'node:assert/strict';
import { addInitialAccessToken } from '../../src/clients/initial-access-token.ts';
import type { InitialAccessTokenRequest, RegistrationPolicy } from '../../src/clients/registration-policy.ts';
import { systemClock } from '../../src/clock.ts';
import { demoResource } from '../../src/development.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { createTokenFormat, randomText } from '../../src/secret.ts';
import type { Answer } from './client.ts';

/** What most tests let clients be: machines and devices of the demo API. */
export const demoPolicy: RegistrationPolicy = {
  authenticationMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
  grantTypes: ['client_credentials', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  allowed: { [demoResource.uri]: ['read', 'write'] },
};

/** An initial access token, for any number of such clients unless something else is said. */
export async function issueInitialAccessToken(
  db: Database,
  changes: Partial<InitialAccessTokenRequest> = {},
): Promise<string> {
  const request = { name: `token-${randomText(12)}`, policy: demoPolicy, ...changes };
  const issuing = { format: createTokenFormat('pst'), clock: systemClock };
  const added = await addInitialAccessToken(db, request, issuing);
  assert.ok('text' in added, JSON.stringify(added));
  return added.text;
}

/** Sends JSON, or text as it is, with a bearer token. */
export async function send(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  token: string | undefined,
  metadata?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(metadata !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(metadata !== undefined && {
      body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
    }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

/** A client registers itself. */
export function register(issuer: string, token: string | undefined, metadata: unknown): Promise<Answer> {
  return send('POST', `${issuer}/oauth/register`, token, metadata);
}

/** A client that has registered itself; what it was told. */
export async function registerMachine(
  issuer: string,
  token: string,
  metadata: Record<string, unknown> = {},
): Promise<Answer['body']> {
  const { status, body } = await register(issuer, token, {
    client_name: 'A machine',
    grant_types: ['client_credentials'],
    ...metadata,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}
