import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';

/** What a TLS connection of a client is made with; both PEM. */
export type TlsClient = { ca: string; cert?: string | undefined; key?: string | undefined };

/** What of a `fetch` is needed here. */
export type TlsFetch = (
  url: string,
  options?: { method?: string; headers?: Record<string, string>; body?: unknown },
) => Promise<Response>;

/** A `fetch` over TLS, with a client certificate if one is given, which Node's own cannot show. */
export function createTlsFetch({ ca, cert, key }: TlsClient): TlsFetch {
  const agent = new Agent({ ca, cert, key, keepAlive: false });
  return async (url, { method = 'GET', headers: given = {}, body: form } = {}) => {
    const asked = new Request(url, { method, headers: given, body: form } as RequestInit);
    const sent = request(asked.url, {
      agent,
      method: asked.method,
      headers: Object.fromEntries(asked.headers),
    });
    sent.end(Buffer.from(await asked.arrayBuffer()));
    const [answer] = await once(sent, 'response');
    const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    );
    const body = await buffer(answer);
    return new Response([204, 304].includes(answer.statusCode) ? null : body, {
      status: answer.statusCode,
      headers,
    });
  };
}
