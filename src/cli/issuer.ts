import { AppError } from '../errors.ts';
import type { Io } from './io.ts';

/** Where `make run` starts a server, and whom a login is for unless somebody names another. */
export const developmentIssuer = 'http://localhost:8628';
const developmentClient = 'demo-cli';

/** The issuer to sign in to: the one named, else POSTERN_ISSUER, else the one that `make run` starts. */
export function chooseIssuer(named: string | undefined, io: Io): string {
  return namedIssuer(named, io) ?? developmentIssuer;
}

/** The issuer that somebody named, by flag or by POSTERN_ISSUER, without its closing slash; a failure where it is none. */
export function namedIssuer(named: string | undefined, io: Io): string | undefined {
  const text = named || io.env.POSTERN_ISSUER;
  if (!text) return undefined;
  const refuse = (fault: string) =>
    named
      ? new AppError('usage', `--issuer "${text}" ${fault}`)
      : new AppError('configuration', `POSTERN_ISSUER is "${text}", which ${fault}`);
  const url = URL.parse(text);
  if (
    !url ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.search ||
    url.hash ||
    url.username
  ) {
    throw refuse('is no issuer: give an address such as https://auth.example.com');
  }
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw refuse(`is not encrypted, and plain http is for this machine alone: give https://${url.host}`);
  }
  return url.href.replace(/\/+$/, '');
}

/** The client to sign in as: the one named, else POSTERN_CLIENT_ID, else on loopback the development client. */
export function chooseClient(named: string | undefined, issuer: string, io: Io): string {
  const clientId = named || io.env.POSTERN_CLIENT_ID;
  if (clientId) return clientId;
  if (isLoopback(new URL(issuer))) return developmentClient;
  throw new AppError(
    'usage',
    `Which client signs in to ${issuer}? Give --client ID, or set POSTERN_CLIENT_ID`,
  );
}

/** The URI of an issuer's management API as a resource: what tokens for it are asked for. */
export function managementApi(issuer: string): string {
  return `${issuer}/api`;
}

/** Whether a URL leads to this very machine, where plain http shows nothing to anybody (RFC 8252 section 8.3). */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
