import { createBatch } from '../postgres/batch.ts';
import type { Database } from '../postgres/pool.ts';
import { hasScope } from '../scopes.ts';
import { findLiveApiTokens, type LiveApiToken } from '../tokens/check.ts';

/**
 * The link of a lineage that names an API token: `a:<value>:<resource and scopes, base64url>`. It breaks when the token
 * is dead, when that text of it is, and when it may no longer do all that it was exchanged for.
 */
export function apiTokenLink(token: LiveApiToken, resource: string, scopes: readonly string[]): string {
  return `a:${token.valueId}:${Buffer.from([resource, ...scopes].join(' ')).toString('base64url')}`;
}

/** Whether a link of a lineage is one of an API token. */
export function isApiTokenLink(link: string): boolean {
  return link.startsWith('a:');
}

/** Whether such a link holds at this moment; look-ups side by side share one statement. */
export function createApiTokenLinkJudge(db: Database): (link: string) => Promise<boolean> {
  const find = createBatch<string, LiveApiToken | undefined>(async (valueIds) => {
    const found = await findLiveApiTokens(db, valueIds);
    return valueIds.map((id) => found.get(id));
  });
  return async (link) => {
    const [, valueId = '', exchanged = ''] = link.split(':');
    const [resource = '', ...scopes] = Buffer.from(exchanged, 'base64url').toString().split(' ');
    const token = await find(valueId);
    return token !== undefined && scopes.every((scope) => hasScope(token.permissions, { resource, scope }));
  };
}
