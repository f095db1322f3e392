import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Who somebody at a provider is: `subject` is the `sub` of its ID tokens. */
export type Identity = { providerId: string; subject: string };

/** Lets nobody else decide at the same time who this is, until the transaction ends. */
export async function lockIdentity(tx: Database, { providerId, subject }: Identity): Promise<void> {
  await tx.query(sql`
    select pg_advisory_xact_lock(hashtextextended(${`identity ${providerId} ${subject}`}, 0))`);
}

/** The id of the person here, if it is known. */
export async function findIdentityUser(
  db: Database,
  { providerId, subject }: Identity,
): Promise<string | undefined> {
  const [row] = await db.query<{ user_id: string }>(sql`
    select user_id from identities where provider_id = ${providerId} and subject = ${subject}`);
  return row?.user_id;
}

/** Says who it is, for ever. False where that person is known to the provider by another subject already. */
export async function addIdentity(
  db: Database,
  { providerId, subject, userId }: Identity & { userId: string },
): Promise<boolean> {
  const rows = await db.query(sql`
    insert into identities (provider_id, subject, user_id) values (${providerId}, ${subject}, ${userId}::uuid)
    on conflict do nothing
    returning 1`);
  return rows.length > 0;
}

/** How many people are known by a provider. */
export async function countIdentities(db: Database, providerId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    select count(*)::int as count from identities where provider_id = ${providerId}`);
  return row?.count ?? 0;
}
