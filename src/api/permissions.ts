import { z } from 'zod';
import { AppError, type Problem } from '../errors.ts';
import { groupPairs, listExcess, listPairs, type ScopePair, type Scopes } from '../scopes.ts';

/** Permissions as they are shown on the wire: scopes by resource. */
export const shownPermissions = z
  .record(
    z.string().max(500),
    z.array(z.string('write the name of a scope').max(100), 'write a list of scopes').max(200),
    'write lists of scopes by the URI of their API',
  )
  .refine((permissions) => Object.keys(permissions).length <= 100, 'write at most 100 resources')
  .meta({
    id: 'Permissions',
    description: 'Scopes by the URI of the API that they belong to.',
    example: { 'https://api.example.com': ['read'] },
  });

/** Permissions in a request, each once and in order. */
export const permissionsSchema = shownPermissions.transform((permissions) =>
  groupPairs(listPairs(permissions)),
);

/** What the wire has of permissions. */
export function showPermissions(permissions: Scopes): Record<string, string[]> {
  return Object.fromEntries(Object.entries(permissions).map(([resource, scopes]) => [resource, [...scopes]]));
}

/** AppError `unprocessable`, with every permission that is not among those allowed. */
export function refuseExcess(wanted: Scopes, allowed: Scopes, detail: string, field = 'permissions'): void {
  const problems = listExcess(wanted, allowed).map((pair) => permissionProblem(pair, detail, field));
  if (problems.length > 0) throw new AppError('unprocessable', undefined, { problems });
}

/** Points at the resource in a field of the body, and names the scope: where it stood there is not known any more. */
export function permissionProblem(
  { resource, scope }: ScopePair,
  detail: string,
  field = 'permissions',
): Problem {
  const name = encodeURIComponent(resource.replaceAll('~', '~0').replaceAll('/', '~1'));
  return { pointer: `#/${field}/${name}`, detail: `${scope}: ${detail}` };
}
