import { InvalidArgumentError } from 'commander';

/** Scopes by the URI of the API that they belong to, as the management API has them. */
export type Permissions = Record<string, string[]>;

/** How a permission is written on the command line. */
export const permissionFlag = '<uri=scopes>';

/** Reads one more such flag; a URI may have equals signs of its own, a scope has none. */
export function readPermission(text: string, before: Permissions = {}): Permissions {
  const end = text.lastIndexOf('=');
  const uri = text.slice(0, Math.max(0, end));
  const scopes = text
    .slice(end + 1)
    .split(/\s+/)
    .filter(Boolean);
  if (uri === '' || scopes.length === 0) {
    throw new InvalidArgumentError('Write it as "https://api.example.com=read write".');
  }
  return unite(before, { [uri]: scopes });
}

/** What is in either. */
export function unite(one: Permissions, other: Permissions): Permissions {
  const united = new Map(Object.entries(one));
  for (const [uri, scopes] of Object.entries(other)) {
    united.set(uri, [...new Set([...(united.get(uri) ?? []), ...scopes])]);
  }
  return Object.fromEntries(united);
}

/** What is in the first alone. */
export function without(one: Permissions, other: Permissions): Permissions {
  const left = Object.entries(one).map(
    ([uri, scopes]) =>
      [uri, scopes.filter((scope) => !new Map(Object.entries(other)).get(uri)?.includes(scope))] as const,
  );
  return Object.fromEntries(left.filter(([, scopes]) => scopes.length > 0));
}

/** Permissions as rows of a card, one for each API; `none` where there are none. */
export function permissionRows(name: string, permissions: Permissions | undefined): [string, string][] {
  if (permissions === undefined) return [];
  const rows = Object.entries(permissions).map(([uri, scopes]): [string, string] => [
    name,
    `${uri}  ${scopes.join(' ')}`,
  ]);
  return rows.length > 0 ? rows : [[name, 'none']];
}
