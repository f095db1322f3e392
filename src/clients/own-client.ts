import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/**
 * The client that people get tokens for themselves as, in the browser. It has neither a grant type nor a secret, so nobody
 * asks for anything in its name.
 */
export const ownClient = { id: 'postern-browser', name: 'Get token' };

/** Registers it unless it is there; false where somebody has registered another one under its id. */
export async function ensureOwnClient(db: Database): Promise<boolean> {
  await db.query(sql`
    insert into clients (id, name, authentication, grant_types) values (${ownClient.id}, ${ownClient.name}, 'none', '{}')
    on conflict (id) do nothing`);
  const [row] = await db.query<{ is_own: boolean }>(sql`
    select authentication = 'none' and grant_types = '{}' as is_own from clients where id = ${ownClient.id}`);
  return row?.is_own === true;
}
