import { createBatch } from '../postgres/batch.ts';
import type { Database } from '../postgres/pool.ts';
import { findResources, type Resource } from '../resources/resource.ts';

/** Finds registered resources. Look-ups that arrive together share one statement. */
export type ResourceSource = (uri: string) => Promise<Resource | undefined>;

/** Resources as they stand in the database now. */
export function createResourceSource(db: Database): ResourceSource {
  return createBatch<string, Resource | undefined>(async (uris) => {
    const found = await findResources(db, [...new Set(uris)]);
    return uris.map((uri) => found.get(uri));
  });
}
