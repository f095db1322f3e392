import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import { durationText } from '../duration.ts';
import type { Io } from '../io.ts';
import { faultWords, type NetworkFault, networkFault } from '../network-fault.ts';
import { startTimeLimit } from '../patience.ts';
import { userAgent } from '../user-agent.ts';
import { type ApiCredential, type NamedSignIn, openApiCredential } from './credential.ts';
import { type FieldNames, problemFailure } from './problem.ts';

/** What is asked of the management API. `fields` is how the command calls what the API calls otherwise. */
export type Question = {
  query?: Record<string, string | undefined>;
  body?: unknown;
  fields?: FieldNames;
  /** The entity tag that what is to be changed must still have. */
  ifMatch?: string | undefined;
};

/** What it answered: JSON, and its entity tag. */
export type Reply<Body> = { body: Body; tag: string | undefined };

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The management API of one issuer. Whatever it refuses is an AppError in its own words. */
export type Api = {
  issuer: string;
  /** One request; `path` is below `/api/v1`, its parts encoded. */
  ask<Body>(method: Method, path: string, question?: Question): Promise<Reply<Body>>;
  /** Everything that a list has, or the first `limit` items. */
  list<Item>(path: string, options?: ListOptions): Promise<Item[]>;
  /** The same item by item, each page asked for when it is needed. */
  walk<Item>(path: string, options?: ListOptions): AsyncGenerator<Item>;
};

/** What of a list. */
export type ListOptions = Pick<Question, 'query' | 'fields'> & { limit?: number | undefined };

// More than any answer of ours has, and less than a server of another make could fill our memory with.
const mostBytes = 16_777_216;
const mostListed = 1_000_000;
const longestPage = 100;
const mostAttempts = 5;
// A minute is the window of the server's own quota.
const longestWaitSeconds = 90;
const pauseBeforeRepeatMs = 500;

/** Opens the management API with what there is to get in by; `not_signed_in` with the way to it where there is nothing. */
export async function openApi(io: Io, named: NamedSignIn): Promise<Api> {
  let credential = await openApiCredential(io, named);
  let nonce: string | undefined;

  /** One request, as often as it takes to have it heard; a POST happens once, whatever becomes of its answers. */
  async function ask<Body>(method: Method, path: string, question: Question = {}): Promise<Reply<Body>> {
    const url = addressOf(credential.issuer, path, question.query);
    const key = method === 'POST' ? randomUUID() : undefined;
    let limit = startTimeLimit(io.patienceMs);
    for (let attempt = 1; ; attempt += 1) {
      const heard = await send(credential, { method, url, nonce, limit }, question, key);
      const isOver = attempt === mostAttempts || ('reason' in heard && limit.aborted);
      if (!isOver && (await prepareAnother(method, heard, attempt))) {
        // Who has answered is not silent, and is given all the time again.
        if ('status' in heard) limit = startTimeLimit(io.patienceMs);
        continue;
      }
      if ('reason' in heard) throw unheard(credential.issuer, method, heard);
      return read<Body>(credential.issuer, heard, question);
    }
  }

  /** Does what makes another attempt worthwhile; false where nothing would. */
  async function prepareAnother(
    method: Method,
    heard: Answer | NetworkFault,
    attempt: number,
  ): Promise<boolean> {
    if ('reason' in heard) {
      // What was never sent was refused by the machine itself, and will be again.
      if (!heard.mayHaveArrived || !isRepeatable(method)) return false;
      await delay(pauseBeforeRepeatMs * attempt);
      return true;
    }
    const asked = heard.headers.get('dpop-nonce') ?? nonce;
    const isNonceNew = asked !== nonce;
    nonce = asked;
    if (heard.status === 401) {
      if (!isNonceNew) credential = await credential.renew();
      return true;
    }
    const isBusy = heard.status === 429 || (heard.status === 503 && isRepeatable(method));
    const seconds = isBusy ? waitOf(heard) : undefined;
    if (seconds === undefined) return false;
    const words = heard.status === 429 ? 'has had too many requests' : 'is unavailable';
    io.say(`postern: ${credential.issuer} ${words}; trying again in ${durationText(seconds)}`);
    await delay(seconds * 1000);
    return true;
  }

  async function* walk<Item>(path: string, options: ListOptions = {}): AsyncGenerator<Item> {
    const { limit = Number.POSITIVE_INFINITY, query, ...question } = options;
    let cursor: string | undefined;
    const seen = new Set<string>();
    for (let left = limit; ; ) {
      const page = { ...query, limit: String(Math.min(longestPage, left)), cursor };
      const { body } = await ask<unknown>('GET', path, {
        ...question,
        query: page,
      });
      const { items, next } = readPage<Item>(credential.issuer, body);
      yield* items;
      left -= items.length;
      cursor = next;
      if (cursor === undefined || left <= 0) return;
      // A list that leads in a circle, or on and on to nothing, has no end.
      if (items.length === 0 || seen.has(cursor)) throw strange(credential.issuer, 'its list does not end');
      seen.add(cursor);
    }
  }

  return {
    issuer: credential.issuer,
    ask,
    walk,
    async list<Item>(path: string, options?: ListOptions) {
      const items: Item[] = [];
      for await (const item of walk<Item>(path, options)) {
        items.push(item);
        if (items.length > mostListed) throw strange(credential.issuer, 'its list does not end');
      }
      return items;
    },
  };
}

/** A text as one part of a path. */
export function inPath(text: string): string {
  return encodeURIComponent(text);
}

function addressOf(issuer: string, path: string, query: Question['query'] = {}): URL {
  const url = new URL(`${issuer}/api/v1${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

type Answer = { status: number; headers: Headers; text: string };

/** One attempt, with no redirect followed: nobody else gets to see the credential. */
async function send(
  credential: ApiCredential,
  request: { method: Method; url: URL; nonce: string | undefined; limit: AbortSignal },
  { body, ifMatch }: Question,
  idempotencyKey: string | undefined,
): Promise<Answer | NetworkFault> {
  const { method, url, limit } = request;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...credential.present(request),
        Accept: 'application/json, application/problem+json',
        'User-Agent': userAgent,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(ifMatch !== undefined && { 'If-Match': ifMatch }),
        ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: limit,
    });
    return {
      status: response.status,
      headers: response.headers,
      text: await readText(credential.issuer, response),
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    return networkFault(error);
  }
}

async function readText(issuer: string, { body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > mostBytes) throw strange(issuer, 'its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function readPage<Item>(issuer: string, body: unknown): { items: Item[]; next: string | undefined } {
  const { items, next_cursor: next } = (body ?? {}) as { items?: unknown; next_cursor?: unknown };
  const isPage = Array.isArray(items) && items.every((item) => typeof item === 'object' && item !== null);
  if (isPage && (next === undefined || typeof next === 'string')) return { items, next };
  throw strange(issuer, 'its list is none');
}

function strange(issuer: string, what: string): AppError {
  return new AppError('failure', `${issuer} does not answer as a management API would: ${what}`);
}

function isRepeatable(method: Method): boolean {
  return method === 'GET' || method === 'POST';
}

/** How long the server asks to be left alone; `undefined` where it does not say, or asks for too much. */
function waitOf({ headers }: Answer): number | undefined {
  const text = headers.get('retry-after') ?? '';
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  return seconds <= longestWaitSeconds ? seconds : undefined;
}

function read<Body>(issuer: string, answer: Answer, { body, fields }: Question): Reply<Body> {
  const { status, headers, text } = answer;
  const tag = headers.get('etag') ?? undefined;
  if (status === 204) return { body: undefined as Body, tag };
  const content = parse(text);
  const isGood = status === 200 || status === 201 || status === 202;
  if (isGood && content !== undefined) return { body: content as Body, tag };
  throw problemFailure(issuer, { status, headers, content }, { sent: body, fields });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unheard(issuer: string, method: Method, fault: NetworkFault): AppError {
  const isInDoubt = fault.mayHaveArrived && method !== 'GET';
  const words = isInDoubt ? `${fault.reason}; look whether it was done` : faultWords(fault);
  return new AppError('failure', `${issuer} cannot be reached: ${words}`);
}
