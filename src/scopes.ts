/** Scopes by the URI of the resource that they belong to: what a client, a person or a token may do. */
export type Scopes = Readonly<Record<string, readonly string[]>>;

/** One scope of one resource. */
export type ScopePair = { resource: string; scope: string };

/** The scopes one by one, in their order. */
export function listPairs(scopes: Scopes): ScopePair[] {
  return Object.entries(scopes).flatMap(([resource, names]) => names.map((scope) => ({ resource, scope })));
}

/** The opposite of `listPairs`, in alphabetical order, each scope once. */
export function groupPairs(pairs: Iterable<ScopePair>): Scopes {
  const groups = new Map<string, Set<string>>();
  for (const { resource, scope } of pairs) {
    groups.set(resource, (groups.get(resource) ?? new Set()).add(scope));
  }
  const resources = [...groups.keys()].sort();
  return Object.fromEntries(
    resources.map((resource) => [resource, [...(groups.get(resource) ?? [])].sort()]),
  );
}

/** What is in both. */
export function intersectScopes(left: Scopes, right: Scopes): Scopes {
  return groupPairs(listPairs(left).filter((pair) => hasScope(right, pair)));
}

/** What is in `wanted` and not in `allowed`. */
export function listExcess(wanted: Scopes, allowed: Scopes): ScopePair[] {
  return listPairs(wanted).filter((pair) => !hasScope(allowed, pair));
}

/** What is in `scopes` and not in `gone`. */
export function withoutScopes(scopes: Scopes, gone: Scopes): Scopes {
  return groupPairs(listExcess(scopes, gone));
}

/** Whether a scope of a resource is among them. */
export function hasScope(scopes: Scopes, { resource, scope }: ScopePair): boolean {
  return Object.hasOwn(scopes, resource) && (scopes[resource]?.includes(scope) ?? false);
}
