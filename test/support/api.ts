import assert from 'node:assert/strict';
import { demoResource, demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type Answer, post } from './client.ts';
import { cookieOf, createPerson, takeCookies } from './person.ts';
import { registerClient } from './registration.ts';
import type { TestServer } from './server.ts';

/** What a request to the management API has besides its method and path; a `body` that is a text is sent as it is. */
export type ApiRequest = { headers?: Record<string, string>; body?: unknown };

/** Somebody with a credential, calling the management API. */
export type ApiCaller = (method: string, path: string, request?: ApiRequest) => Promise<Answer>;

/** A caller whose requests all carry the headers; `path` is below `/api/v1`. */
export function createApiCaller(issuer: string, always: Record<string, string> = {}): ApiCaller {
  let own = always;
  return async (method, path, { headers = {}, body } = {}) => {
    const response = await fetch(`${issuer}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...own,
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    own = keptBy(own, response.headers);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  };
}

/** What a page of ours sends after an answer that has given its session another id. */
function keptBy(own: Record<string, string>, answered: Headers): Record<string, string> {
  const csrf = answered.get('x-csrf-token');
  if (csrf === null) return own;
  const cookies = new Map(own.cookie?.split('; ').map((pair) => pair.split('=') as [string, string]));
  takeCookies(cookies, answered);
  return { ...own, cookie: cookieOf(cookies), 'x-csrf-token': csrf };
}

/** A caller with an API token or an access token. */
export function createTokenCaller(issuer: string, token: string): ApiCaller {
  return createApiCaller(issuer, { authorization: `Bearer ${token}` });
}

/** The headers that a page of ours sends from the browser of somebody who has just signed in. */
export async function signInToApi(
  issuer: string,
  account: { email: string; password: string } = demoUser,
): Promise<{ cookie: string; origin: string; 'x-csrf-token': string }> {
  const person = createPerson(issuer);
  await person.signIn(account);
  const { html } = await person.open('/api/docs');
  const csrf = /data-csrf="([^"]+)"/.exec(html)?.[1];
  assert.ok(csrf, html);
  const cookie = cookieOf(person.cookies);
  return { cookie, origin: new URL(issuer).origin, 'x-csrf-token': csrf };
}

/** A caller from the browser of somebody who has just signed in. */
export async function createBrowserCaller(
  issuer: string,
  account?: { email: string; password: string },
): Promise<ApiCaller> {
  return createApiCaller(issuer, await signInToApi(issuer, account));
}

/** Makes an API token that may read the demo API, except for what is said; returns its value with the rest. */
export async function makeToken(
  call: ApiCaller,
  changes: Record<string, unknown> = {},
): Promise<Answer['body']> {
  const body = { name: 'Test token', permissions: { [demoResource.uri]: ['read'] }, ...changes };
  const made = await call('POST', '/tokens', { body });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
}

/** Every wrong field that an answer names, as `place: advice`. */
export function problemsOf({ body }: Answer): string[] {
  return (body.errors ?? []).map(
    ({ pointer, parameter, detail }: Record<string, string>) => `${pointer ?? parameter}: ${detail}`,
  );
}

/** What an answer says of a credential: the status, and the error of the challenge if there is one. */
export function verdictOf({ status, headers }: Answer): string {
  const error = /error="(\w+)"/.exec(headers.get('www-authenticate') ?? '')?.[1];
  return error === undefined ? `${status}` : `${status} ${error}`;
}

let neighbours = 0;

/**
 * Asks who is asking, each time from another address, so that no wrong credential is one too many. The server must
 * believe this process what it forwards.
 */
export function showMe(issuer: string, headers: Record<string, string>): Promise<Answer> {
  neighbours += 1;
  const always = { 'x-forwarded-for': `198.51.100.${neighbours}`, ...headers };
  return createApiCaller(issuer, always)('GET', '/users/me');
}

/** An access token for the management API of a new program in the organization, which may have the scopes. */
export async function requestOwnToken(
  { issuer, db }: TestServer,
  scopes: string[],
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer['body']> {
  const resource = `${issuer}/api`;
  const machine = await registerClient(db, { allowed: { [resource]: scopes, [demoResource.uri]: ['read'] } });
  await db.query(
    sql`update clients set organization_id = (select id from organizations limit 1) where id = ${machine.id}`,
  );
  const answer = await post(
    `${issuer}/oauth/token`,
    { grant_type: 'client_credentials', resource, ...form },
    { basic: machine.basic, headers },
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return { ...answer.body, client_id: machine.id };
}
