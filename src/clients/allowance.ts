import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Lets a client ask for scopes of a resource, unless it may ask for some of them already: that choice is left alone. */
export async function allowClient(
  db: Database,
  id: string,
  { resource, scopes }: { resource: string; scopes: readonly string[] },
): Promise<void> {
  await db.query(sql`
    insert into client_scopes (client_id, resource, scope)
    select id, ${resource}, scope
    from clients, unnest(${scopes}::text[]) as wanted (scope)
    where id = ${id}
      and not exists (select from client_scopes where client_id = clients.id and resource = ${resource})
    on conflict do nothing`);
}
