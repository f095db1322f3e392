import { epochSeconds } from '../../clock.ts';
import type { TokenFormat } from '../../secret.ts';
import type { LiveApiToken } from '../../tokens/check.ts';
import { apiTokenSource } from '../api-token-link.ts';
import { type Authentication, authenticationOf } from '../authentication.ts';
import { extendLineage, personalSource } from '../lineage.ts';
import type { Instance } from '../model.ts';
import { type Reach, type ReachFinder, reachLink } from '../reach.ts';
import { readScope } from '../scope.ts';

/** What is exchanged, whichever kind of token it is. */
export type Subject = {
  /** Who it speaks for: a person, or a machine. */
  accountId: string;
  /** The APIs that it is for. */
  resources: readonly string[];
  /** What it may do that a token for `target` could do as well, and its person may do there at this moment. */
  scopesFor(target: string): Promise<readonly string[]>;
  /** What a token that may do so much stands on. */
  lineageFor(reach: Reach): string[];
  /** How long it lives on; `Infinity` for what has no end. */
  remainingSeconds: number;
  /** Whether it is bound to a key or a certificate. */
  isBound: boolean;
  /** When and how its person authenticated; empty where nobody did. */
  authentication: Partial<Authentication>;
  /** Who acts in it, and who may (RFC 8693 sections 4.1 and 4.4). */
  act: unknown;
  mayAct: unknown;
};

/**
 * An access token of ours, opaque or JWT, whose text is `text`. It is for one API; its scopes may be another's too, as far
 * as its person has them there.
 */
export function accessTokenSubject(
  token: Instance,
  { text, format, findReach }: { text: string; format: TokenFormat; findReach: ReachFinder },
): Subject {
  return {
    accountId: token.accountId ?? token.clientId,
    resources: [String(token.aud)],
    async scopesFor(target) {
      const source = personalSource(token);
      const reach = source === undefined ? undefined : await findReach(source, target);
      return readScope(token.scope).filter((scope) => reach?.includes(scope) ?? true);
    },
    lineageFor: (reach) => extendLineage(token, { text, format, reach }),
    remainingSeconds: token.exp - epochSeconds(),
    isBound: Boolean(token.jkt || token['x5t#S256']),
    authentication: token.authentication ?? authenticationOf(token, undefined),
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
    scopesFor: async (target) => (Object.hasOwn(permissions, target) ? (permissions[target] ?? []) : []),
    lineageFor: (reach) => [reachLink(apiTokenSource(token), reach)],
    // The database has just said that it lives, whatever this machine's clock says.
    remainingSeconds: Math.max(1, remainingSeconds),
    isBound: false,
    authentication: {},
    act: undefined,
    mayAct: undefined,
  };
}
