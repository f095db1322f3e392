import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';

/** The longest time that a text lives on beside the one that replaces it. */
export const longestOverlapSeconds = 7 * 24 * 3600;

/**
 * Gives a token a text. The holder's earlier texts of it live on for `overlapSeconds`, or shorter where that was said
 * before. A private token is held by its owner; of a shared one, each member holds texts of their own. Refused where the token
 * or the member is gone at this very moment; the caller rolls back.
 */
export async function addValue(
  db: Database,
  value: { tokenId: string; holderId: string; text: string; overlapSeconds: number },
): Promise<{ previousEndsAt: Date | undefined } | { refusal: 'not_found' }> {
  const { tokenId, holderId, text, overlapSeconds } = value;
  return await db.transaction(async (tx) => {
    // Two rotations at once would each leave the other's text alive.
    await tx.query(sql`select from api_tokens where id = ${tokenId}::uuid for update`);
    const ended = await tx.query<{ expires_at: Date }>(sql`
      update api_token_values
      set expires_at = least(expires_at, now() + make_interval(secs => ${overlapSeconds}))
      where token_id = ${tokenId}::uuid and holder_id = ${holderId}::uuid
      returning expires_at`);
    const [given] = await tx.query(sql`
      insert into api_token_values (digest, token_id, organization_id, holder_id)
      select ${sha256(text)}, api_tokens.id, organization_id, user_id
      from api_tokens join members using (organization_id)
      where api_tokens.id = ${tokenId}::uuid and user_id = ${holderId}::uuid
      for key share of members
      returning token_id`);
    if (!given) return { refusal: 'not_found' };
    const ends = ended.map((row) => row.expires_at.getTime());
    return { previousEndsAt: ends.length > 0 ? new Date(Math.max(...ends)) : undefined };
  });
}

/** How many members hold a living text of a token. */
export async function countHolders(db: Database, tokenId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    select count(distinct holder_id)::float8 as count from api_token_values
    where token_id = ${tokenId}::uuid and (expires_at is null or expires_at > now())`);
  return row?.count ?? 0;
}

/** Ends the texts of a token: one holder's, or everybody's. Tells how many there were. */
export async function removeValues(db: Database, tokenId: string, holderId?: string): Promise<number> {
  const rows = await db.query(sql`
    delete from api_token_values
    where token_id = ${tokenId}::uuid and (${holderId}::uuid is null or holder_id = ${holderId}::uuid)
    returning digest`);
  return rows.length;
}

/** A text that has been ended: of which token, and whose it was. */
export type RemovedValue = { tokenId: string; organizationId: string; holderId: string };

/** Ends the one text of this digest, whatever else its token is; `undefined` if it was not there. */
export async function removeValue(db: Database, digest: Buffer): Promise<RemovedValue | undefined> {
  const [row] = await db.query<{ token_id: string; organization_id: string; holder_id: string }>(sql`
    delete from api_token_values where digest = ${digest} returning token_id, organization_id, holder_id`);
  return row && { tokenId: row.token_id, organizationId: row.organization_id, holderId: row.holder_id };
}
