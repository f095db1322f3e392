import { listPairs, type Scopes } from '../scopes.ts';
import { type Sql, sql } from './sql.ts';

/** Rows `(resource, scope)`, to insert or to join. */
export function scopeRows(scopes: Scopes): Sql {
  const pairs = listPairs(scopes);
  return sql`unnest(
    ${pairs.map(({ resource }) => resource)}::text[], ${pairs.map(({ scope }) => scope)}::text[]
  ) as scope_row (resource, scope)`;
}

/** One JSON object of scopes by resource, both in alphabetical order, from rows with `resource` and `scope`. */
export function scopesObject(rows: Sql): Sql {
  return sql`(
    select coalesce(json_object_agg(resource, scopes), '{}')
    from (
      select resource, json_agg(scope order by scope) as scopes
      from (${rows}) as scope_row group by resource order by resource
    ) as by_resource
  )`;
}
