import { isDatabaseUnavailable } from '../errors.ts';
import { createBatch } from '../postgres/batch.ts';
import type { Database } from '../postgres/pool.ts';
import { findResources, listListedResources, type Resource } from '../resources/resource.ts';

/** Finds registered resources. Look-ups that arrive together share one statement. */
export type ResourceSource = (uri: string) => Promise<Resource | undefined>;

/** Resources as they stand in the database now. */
export function createResourceSource(db: Database): ResourceSource {
  return createBatch<string, Resource | undefined>(async (uris) => {
    const found = await findResources(db, [...new Set(uris)]);
    return uris.map((uri) => found.get(uri));
  });
}

/**
 * The resources that the server's metadata names. While the database is away, those of the last time: who asks for
 * metadata then must not be turned away for them.
 */
export function createListedResources(db: Database): () => Promise<string[]> {
  let known: string[] = [];
  return async () => {
    try {
      known = await listListedResources(db);
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
    }
    return known;
  };
}
