import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, gunzipSync } from 'node:zlib';

/** The values that have passed between clients and servers and that somebody must not know, with what each was called. */
export type ShownSecrets = ReadonlyMap<string, string>;

/** A member, field, parameter or header whose value nobody else may know, by the last word of its name. */
const secretName =
  /(?:^|[-_])(?:token|secret|(?:device|user)_code|password|again|assertion|csrf|ticket|invitation|link|value|dpop|cookie)$/i;

/** One of our tokens, or a JWT, wherever it stands. */
const tokenText = /\b[a-z0-9]{2,16}_(?:at|rt|dc|cs|api|in|it|ra)_[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g;

/** What the page of a browser has hidden. */
const hiddenField = /name="([\w-]+)" value="([^"]+)"|data-(csrf)="([^"]+)"/g;

/** Shorter ones nobody would call a secret, nor what begins with a sign: an attack on pages or redirects. */
const longEnough = /^[\w-]{8,}$|^[\w-].{11,}$/;

/**
 * Listens to all that `fetch` of this process sends and gets, and to all that servers in this process do, whoever asks
 * them: a browser, or a bare socket. The map grows as it goes on, until the signal says that this is the end.
 */
export function watchTraffic(end?: AbortSignal): Map<string, string> {
  const shown = new Map<string, string>();
  const keep = (name: string, value: string): void => {
    // An invitation is what stands behind the hash of its link.
    const text = value.slice(value.indexOf('#') + 1).trim();
    // The reference shows tokens with their middle left out.
    if (!longEnough.test(text) || text.includes('…')) return;
    if (!shown.has(text)) shown.set(text, name);
    // A JWT's last part is what makes it good; whoever has that can put the rest together.
    if (/^eyJ[^.]*\.[^.]*\.[^.]{16,}$/.test(text)) keep(`the signature of ${name}`, text.split('.')[2] ?? '');
  };
  const readParameters = (text: string): void => {
    for (const [name, value] of new URLSearchParams(text)) if (secretName.test(name)) keep(name, value);
  };
  const readMembers = (text: string): void => {
    try {
      JSON.parse(text, (name, value) => {
        if (typeof value === 'string' && secretName.test(name)) keep(name, value);
      });
    } catch {
      // Not JSON, or nested more deeply than anybody reads.
    }
  };
  const readText = (text: string): void => {
    if (text.startsWith('<')) {
      for (const [, name = '', value = '', csrf, token = ''] of text.matchAll(hiddenField))
        if (secretName.test(csrf ?? name)) keep(csrf ?? name, csrf ? token : value);
    } else if (/^[[{]/.test(text)) {
      readMembers(text);
    } else {
      readParameters(text);
    }
    for (const [found] of text.matchAll(tokenText)) keep('a token', found);
  };
  const readHeader = (name: string, value: string): void => {
    if (name === 'authorization') readCredentials(value);
    else if (name === 'cookie') for (const pair of value.split('; ')) readCookie(pair);
    else if (name === 'set-cookie') readCookie(value.split(';')[0] ?? '');
    else if (name === 'location') readParameters(value.split(/[?#]/)[1] ?? '');
    else if (secretName.test(name)) keep(name, value);
    for (const [found] of value.matchAll(tokenText)) keep(name, found);
  };
  const readCookie = (pair: string): void => keep('a cookie', pair.slice(pair.indexOf('=') + 1));
  const readCredentials = (value: string): void => {
    const [scheme = '', credentials = ''] = value.split(/ +(.*)/s);
    keep(scheme.toLowerCase(), credentials);
    if (scheme.toLowerCase() !== 'basic') return;
    const plain = Buffer.from(credentials, 'base64').toString();
    const password = plain.slice(plain.indexOf(':') + 1);
    keep('a password of Basic', password);
    keep('a password of Basic', decode(password));
  };
  const readHeaders = (pairs: readonly (string | Buffer)[]): void => {
    for (let at = 0; at + 1 < pairs.length; at += 2)
      readHeader(String(pairs[at]).toLowerCase(), String(pairs[at + 1]));
  };
  const readAddress = (path: string): void => readText(path.slice(path.indexOf('?') + 1));

  const on = <Message>(name: string, read: (message: Message) => void): void => {
    const listen = (message: unknown) => read(message as Message);
    channel(name).subscribe(listen);
    end?.addEventListener('abort', () => channel(name).unsubscribe(listen));
  };
  const bodies = new WeakMap<object, { sent: Buffer[]; received: Buffer[] }>();
  const bodiesOf = (request: object) => {
    const found = bodies.get(request) ?? { sent: [], received: [] };
    bodies.set(request, found);
    return found;
  };
  on<{ request: Sent }>('undici:request:create', ({ request }) => {
    readAddress(request.path);
    readHeaders(request.headers);
  });
  on<Chunk>('undici:request:bodyChunkSent', ({ request, chunk }) =>
    bodiesOf(request).sent.push(Buffer.from(chunk)),
  );
  on<Chunk>('undici:request:bodySent', ({ request }) =>
    readText(Buffer.concat(bodiesOf(request).sent).toString()),
  );
  on<{ response: { headers: Buffer[] } }>('undici:request:headers', ({ response }) =>
    readHeaders(response.headers),
  );
  on<Chunk>('undici:request:bodyChunkReceived', ({ request, chunk }) =>
    bodiesOf(request).received.push(Buffer.from(chunk)),
  );
  on<Chunk>('undici:request:trailers', ({ request }) =>
    readText(decompress(Buffer.concat(bodiesOf(request).received)).toString()),
  );
  on<Exchange>('http.server.request.start', ({ request, response }) => {
    readAddress(request.url ?? '');
    readHeaders(request.rawHeaders);
    const [received, sent] = [tap(request, 'push'), tap(response, 'write', 'end')];
    response.once('close', () => {
      for (const [name, value] of Object.entries(response.getHeaders()))
        for (const each of [value].flat()) readHeader(name, String(each));
      readText(Buffer.concat(received).toString());
      readText(decompress(Buffer.concat(sent)).toString());
    });
  });
  return shown;
}

type Exchange = { request: IncomingMessage; response: ServerResponse };
type Sent = { path: string; headers: string[] };
type Chunk = { request: object; chunk: Uint8Array };

/** Every chunk that passes through these methods from now on, each of which takes it first. */
function tap<Name extends string>(
  through: Record<Name, (...given: never[]) => unknown>,
  ...names: Name[]
): Buffer[] {
  const chunks: Buffer[] = [];
  for (const name of names) {
    const pass = through[name] as (...given: unknown[]) => unknown;
    Object.assign(through, {
      [name](...given: unknown[]) {
        const [chunk] = given;
        if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
        return pass.apply(through, given);
      },
    });
  }
  return chunks;
}

/** As it was before it was sent in gzip, which pages are; of one that broke off, what came. */
function decompress(body: Buffer): Buffer {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  return gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
