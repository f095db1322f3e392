/** What an answer of 200 brought, by name. `seconds` is how long the access token lives. */
export type Gift = { access: string; refresh?: string | undefined; seconds: number };

/** What was asked for. Tokens, codes, clients and people go by short names, no two of which are the same. */
export type Deed =
  | { kind: 'issue'; client: string }
  | { kind: 'ask'; client: string }
  | { kind: 'decide'; code: string; user: string; decision: 'allow' | 'deny' }
  | { kind: 'expire'; code: string }
  | { kind: 'redeem'; code: string; client: string }
  | { kind: 'refresh'; token: string; client: string }
  | { kind: 'exchange'; token: string; client: string }
  | { kind: 'introspect'; token: string }
  | { kind: 'revoke'; token: string; client: string }
  | { kind: 'disable'; whom: string }
  | { kind: 'end grants'; user: string };

/** One of the deeds. */
export type Kind = Deed['kind'];

/**
 * How it ended for who asked. `done`: it has happened. `refused`: it has not. `unknown`: the connection was lost or the
 * answer was 503, so it may have happened, or happen yet, or never.
 */
export type Result = {
  outcome: 'done' | 'refused' | 'unknown';
  gives?: Gift | undefined;
  isActive?: boolean | undefined;
  /** An answer that nobody may ever get, in words. */
  fault?: string | undefined;
};

/** A deed with its result, from when it was asked to when the answer was there, in milliseconds of one steady clock. */
export type Operation<D extends Deed = Deed> = D & Result & { begin: number; end: number };

/** The operations of one kind. */
export function ofKind<K extends Kind>(
  history: readonly Operation[],
  kind: K,
): Operation<Extract<Deed, { kind: K }>>[] {
  return history.filter((operation) => operation.kind === kind) as never;
}
