import { withoutUnseen } from '../plain-name.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';

/**
 * Whether people could take a name for that of a client that an operator has added, or for its publisher's: it differs
 * in case, spaces, punctuation, compatibility forms or what nobody sees at the most. Clients that registered themselves may
 * share a name, and so may those of organizations.
 */
export async function isNameTaken(db: Database, name: string): Promise<boolean> {
  const [row] = await db.query<{ taken: boolean }>(sql`
    select exists (
      select from clients
      where ${folded(sql`${withoutUnseen(name)}::text`)} in (${folded(sql`name`)}, ${folded(sql`publisher`)}, ${folded(sql`id`)})
        and organization_id is null and not exists (select from client_registrations where client_id = clients.id)
    ) as taken`);
  return row?.taken === true;
}

function folded(text: Sql): Sql {
  return sql`regexp_replace(lower(normalize(${text}, nfkc)), '[[:space:][:punct:]]', '', 'g')`;
}
