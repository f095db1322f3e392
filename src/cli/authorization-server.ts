import * as client from 'openid-client';
import { AppError } from '../errors.ts';
import type { Account } from './account.ts';
import { durationText } from './duration.ts';
import { Interrupted } from './exit.ts';
import { isLoopback } from './issuer.ts';
import { faultWords, type NetworkFault, networkFault } from './network-fault.ts';
import { startTimeLimit } from './patience.ts';
import type { ProofKey } from './proof-key.ts';
import { harmless } from './terminal-text.ts';
import { userAgent } from './user-agent.ts';

/** How long the answers of a server are waited for; `signal` ends all waiting. */
type Waiting = { patienceMs: number; signal?: AbortSignal };

/** Why a request to the authorization server brought nothing: it said no, or it could not be heard. */
export type RequestFailure =
  | { kind: 'refused'; error: string; description: string | undefined; body: Record<string, unknown> }
  | (NetworkFault & { kind: 'unreachable'; retryAfterSeconds: number | undefined });

/** Reads the issuer's metadata (RFC 8414); `failure` where it cannot be reached or is no such server. */
export async function discoverServer(
  issuer: string,
  clientId: string,
  waiting: Waiting,
): Promise<client.Configuration> {
  const url = new URL(issuer);
  return client
    .discovery(url, clientId, undefined, client.None(), {
      algorithm: 'oauth2',
      [client.customFetch]: createFetch(waiting),
      ...(isLoopback(url) && { execute: [client.allowInsecureRequests] }),
    })
    .catch((error) => {
      if (waiting.signal?.aborted) throw new Interrupted();
      const reason = otherIssuer(error) ?? wordsOf(failureOf(error));
      throw new AppError('failure', `Cannot sign in to ${issuer}: ${reason}`, { cause: error });
    });
}

/** The server of a sign-in, from what was kept at login, so that nothing has to be discovered again. */
export function knownServer(account: Account, waiting: Waiting): client.Configuration {
  const { issuer, client_id, token_endpoint, revocation_endpoint, introspection_endpoint } = account;
  const metadata = {
    issuer,
    token_endpoint,
    ...(revocation_endpoint && { revocation_endpoint }),
    ...(introspection_endpoint && { introspection_endpoint }),
  };
  const configuration = new client.Configuration(metadata, client_id, undefined, client.None());
  configuration[client.customFetch] = createFetch(waiting);
  if (isLoopback(new URL(issuer))) client.allowInsecureRequests(configuration);
  return configuration;
}

/** What lets openid-client put a proof by the key into its requests, and mind the server's nonces; nothing for no key. */
export async function proving(
  server: client.Configuration,
  key: ProofKey | undefined,
): Promise<{ DPoP?: client.DPoPHandle }> {
  if (!key) return {};
  const { d, ...publicJwk } = key;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', key, algorithm, false, ['sign']),
    crypto.subtle.importKey('jwk', publicJwk, algorithm, true, ['verify']),
  ]);
  return { DPoP: client.getDPoPHandle(server, { privateKey, publicKey }) };
}

/**
 * Sorts what openid-client threw. Only an OAuth error or another 4xx is a no. An answer of 429 or 5xx, or one that comes from
 * something in between, says nothing about the request and counts as not heard.
 */
export function failureOf(error: unknown): RequestFailure {
  if (error instanceof client.ResponseBodyError) {
    const { status, error: code, error_description: description, cause, response } = error;
    return isNo(status)
      ? { kind: 'refused', error: code, description, body: cause }
      : unheard(status, response);
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const response = error instanceof client.WWWAuthenticateChallengeError ? error.response : cause;
  if (response instanceof Response) {
    const { status } = response;
    return isNo(status)
      ? { kind: 'refused', error: `it answers ${status}`, description: undefined, body: {} }
      : unheard(status, response);
  }
  return { kind: 'unreachable', ...networkFault(error), retryAfterSeconds: undefined };
}

/** A failed request as the end of a sentence. */
export function wordsOf(failure: RequestFailure): string {
  if (failure.kind === 'unreachable') {
    const { reason, retryAfterSeconds: seconds } = failure;
    return seconds === undefined ? faultWords(failure) : `${reason}; try again in ${durationText(seconds)}`;
  }
  return harmless(failure.description ? `${failure.description} (${failure.error})` : failure.error);
}

/** A server that is reached by another name than its own (RFC 8414 section 3.3), as 127.0.0.1 for localhost. */
function otherIssuer(error: unknown): string | undefined {
  if (!(error instanceof client.ClientError) || error.code !== 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED')
    return undefined;
  const { body } = error.cause as { body?: { issuer?: unknown } };
  return `it calls itself ${harmless(String(body?.issuer))}, sign in to that`;
}

function isNo(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

function unheard(status: number, response: Response): RequestFailure {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    kind: 'unreachable',
    reason: status === 429 ? 'it has had too many requests' : `it answers ${status}`,
    mayHaveArrived: true,
    isSilence: false,
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
  };
}

/**
 * What sends requests of ours. One waits for a third of all patience: a renewal or a poll whose answer is lost is asked again, and
 * within the 30 seconds in which the server answers the same again; later it would count as theft.
 */
function createFetch({ patienceMs, signal }: Waiting): client.CustomFetch {
  return (url, { signal: _, headers, ...options }) => {
    const limit = startTimeLimit(patienceMs / 3);
    return fetch(url, {
      ...options,
      headers: { ...headers, 'user-agent': userAgent },
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    } as RequestInit);
  };
}
