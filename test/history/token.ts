import { type Presentation, presentedIn } from './consumption.ts';
import { type Operation, ofKind } from './operation.ts';

/** What the history says of a token that an answer brought. */
export type Token = {
  /** The names of all that must live for it to live, its own included. A grant goes by the name of its device code. */
  standsOn: readonly string[];
  by: Operation;
  /** It was issued after this, in milliseconds of the history, ... */
  bornAfter: number;
  /** ... and before this. */
  bornBefore: number;
  seconds: number;
};

/** Everything that can be read out of a history without judging it. */
export type Facts = {
  history: readonly Operation[];
  tokens: ReadonlyMap<string, Token>;
  /** The uses of each token or code that counts once. */
  presentations: ReadonlyMap<string, Presentation[]>;
};

/** Reads a history. */
export function readFacts(history: readonly Operation[]): Facts {
  const presentations = Map.groupBy(
    history.filter(({ kind }) => kind === 'redeem' || kind === 'refresh') as Presentation[],
    presentedIn,
  );
  const users = new Map(ofKind(history, 'decide').map(({ code, user }) => [code, user]));
  const tokens = new Map<string, Token>();

  function heritage(operation: Operation): string[] {
    switch (operation.kind) {
      case 'issue':
        return [operation.client];
      case 'redeem':
        return [operation.code, operation.client, users.get(operation.code) ?? ''];
      case 'refresh':
        return parentsOf(operation.token);
      case 'exchange':
        return [...(tokens.get(operation.token)?.standsOn ?? []), operation.client];
      default:
        return [];
    }
  }

  /** A successor does not stand on the refresh token itself: that one's end is the grant's, or nothing. */
  function parentsOf(refreshToken: string): string[] {
    return tokens.get(refreshToken)?.standsOn.filter((name) => name !== refreshToken) ?? [];
  }

  for (const operation of [...history].sort((one, other) => one.end - other.end)) {
    if (!operation.gives) continue;
    const { access, refresh, seconds } = operation.gives;
    const parents = heritage(operation);
    const born = {
      by: operation,
      bornAfter: firstAttempt(operation, presentations),
      bornBefore: operation.end,
    };
    for (const name of refresh ? [access, refresh] : [access]) {
      if (!tokens.has(name)) tokens.set(name, { standsOn: [name, ...parents], ...born, seconds });
    }
  }
  return { history, tokens, presentations };
}

/** What an answer brings may have been made for an earlier request whose answer was lost. */
function firstAttempt(operation: Operation, presentations: Facts['presentations']): number {
  if (operation.kind !== 'redeem' && operation.kind !== 'refresh') return operation.begin;
  const all = presentations.get(presentedIn(operation)) ?? [];
  return Math.min(...all.filter(({ outcome }) => outcome !== 'refused').map(({ begin }) => begin));
}
