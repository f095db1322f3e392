import { createBatch } from '../postgres/batch.ts';
import type { Database } from '../postgres/pool.ts';
import { hasScope } from '../scopes.ts';
import { findLiveApiTokens, type LiveApiToken } from '../tokens/check.ts';
import { reachOf } from './reach.ts';

/**
 * What the lineage of something got for an API token begins with: `a:<value>`. As a link it breaks when the token is dead,
 * when that text of it is, and when it may no longer do all that was got for it.
 */
export function apiTokenSource({ valueId }: LiveApiToken): string {
  return `a:${valueId}`;
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
    const [, valueId = ''] = link.split(':');
    const { resource, scopes } = reachOf(link);
    const token = await find(valueId);
    return token !== undefined && scopes.every((scope) => hasScope(token.permissions, { resource, scope }));
  };
}
