import { epochSeconds } from '../../clock.ts';
import type { TokenFormat } from '../../secret.ts';
import type { LiveApiToken } from '../../tokens/check.ts';
import { apiTokenLink } from '../api-token-link.ts';
import { extendLineage } from '../lineage.ts';
import type { Instance } from '../model.ts';
import { readScope } from '../scope.ts';

/** What is exchanged, whichever kind of token it is. */
export type Subject = {
  /** Who it speaks for: a person, or a machine. */
  accountId: string;
  /** The APIs that it is for. */
  resources: readonly string[];
  /** What it may do that a token for `target` could do as well. */
  scopesFor(target: string): readonly string[];
  /** What a token for `target` with these scopes stands on. */
  lineageFor(target: string, scopes: readonly string[]): string[];
  /** How long it lives on; `Infinity` for what has no end. */
  remainingSeconds: number;
  /** Whether it is bound to a key or a certificate. */
  isBound: boolean;
  /** Who acts in it, and who may (RFC 8693 sections 4.1 and 4.4). */
  act: unknown;
  mayAct: unknown;
};

/** An access token of ours, opaque or JWT, whose text is `text`. It is for one API; its scopes may be another's too. */
export function accessTokenSubject(token: Instance, text: string, format: TokenFormat): Subject {
  return {
    accountId: token.accountId ?? token.clientId,
    resources: [String(token.aud)],
    scopesFor: () => readScope(token.scope),
    lineageFor: () => extendLineage(token, text, format),
    remainingSeconds: token.exp - epochSeconds(),
    isBound: Boolean(token.jkt || token['x5t#S256']),
    act: token.extra?.act,
    mayAct: token.extra?.may_act,
  };
}

/** An API token, as far as it goes at this moment. It may be for several APIs, and has scopes of its own at each. */
export function apiTokenSubject(token: LiveApiToken): Subject {
  const { permissions, expiresAt } = token;
  const remainingSeconds = expiresAt ? Math.floor(expiresAt.getTime() / 1000) - epochSeconds() : Infinity;
  return {
    accountId: token.holderId,
    resources: Object.keys(permissions),
    scopesFor: (target) => (Object.hasOwn(permissions, target) ? (permissions[target] ?? []) : []),
    lineageFor: (target, scopes) => [apiTokenLink(token, target, scopes)],
    // The database has just said that it lives, whatever this machine's clock says.
    remainingSeconds: Math.max(1, remainingSeconds),
    isBound: false,
    act: undefined,
    mayAct: undefined,
  };
}
