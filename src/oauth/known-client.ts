import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Whether a person has ever allowed a client that is still here, whatever became of that. */
export async function isKnownClient(db: Database, userId: string, clientId: string): Promise<boolean> {
  const rows = await db.query(
    sql`select from known_clients where user_id = ${userId}::uuid and client_id = ${clientId}`,
  );
  return rows.length > 0;
}

/** Remembers that a person has allowed a client. */
export async function rememberClient(tx: Database, userId: string, clientId: string): Promise<void> {
  await tx.query(
    sql`insert into known_clients (user_id, client_id) select ${userId}::uuid, id from clients where id = ${clientId}
        on conflict do nothing`,
  );
}
