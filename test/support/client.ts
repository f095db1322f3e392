import { demoApi, demoCli, demoMachine } from '../../src/development.ts';

/** An answer of the protocol. */
// biome-ignore lint/suspicious/noExplicitAny: tests read members that RFCs name
export type Answer = { status: number; headers: Headers; body: any };

/** Sends a form as a client does; `basic` is `id:secret`. */
export async function post(
  url: string,
  form: Record<string, string> | [string, string][] | string,
  options: { basic?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(options.basic === undefined ? {} : { authorization: basic(options.basic) }),
      ...options.headers,
    },
    redirect: 'manual',
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: readBody(text) };
}

/** The Authorization header for `id:secret`. */
export function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** The credentials of the development clients, as `basic` takes them. */
export const credentials = {
  machine: `${demoMachine.id}:${demoMachine.secret}`,
  api: `${demoApi.id}:${demoApi.secret}`,
};

/** A token for a machine. */
export function requestMachineToken(issuer: string, form: Record<string, string> = {}): Promise<Answer> {
  return post(
    `${issuer}/oauth/token`,
    { grant_type: 'client_credentials', ...form },
    { basic: credentials.machine },
  );
}

/** A device asks to be let in. */
export function requestDevice(issuer: string, form: Record<string, string> = {}): Promise<Answer> {
  return post(`${issuer}/oauth/device_authorization`, {
    client_id: demoCli.id,
    scope: 'read write offline_access',
    ...form,
  });
}

/** A device asks whether it has been let in. */
export function poll(issuer: string, deviceCode: string, form: Record<string, string> = {}): Promise<Answer> {
  return post(`${issuer}/oauth/token`, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: deviceCode,
    client_id: demoCli.id,
    ...form,
  });
}

/** A device renews its tokens. */
export function refresh(
  issuer: string,
  refreshToken: string,
  form: Record<string, string> = {},
): Promise<Answer> {
  return post(`${issuer}/oauth/token`, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: demoCli.id,
    ...form,
  });
}

/** The demo API asks what a token is worth. */
export function introspect(
  issuer: string,
  token: string,
  form: Record<string, string> = {},
): Promise<Answer> {
  return post(`${issuer}/oauth/introspect`, { token, ...form }, { basic: credentials.api });
}

/** The demo CLI gives a token back. */
export function revoke(issuer: string, token: string, form: Record<string, string> = {}): Promise<Answer> {
  return post(`${issuer}/oauth/revoke`, { token, client_id: demoCli.id, ...form });
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
