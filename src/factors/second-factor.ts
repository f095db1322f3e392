import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** What a person has besides a password. Recovery codes stand in for the others, and are none by themselves. */
export type SecondFactors = {
  totpSince: Date | undefined;
  passkeys: number;
  recoveryCodes: number;
};

/** What a person has besides a password at this moment. */
export async function findSecondFactors(db: Database, userId: string): Promise<SecondFactors> {
  const [row] = await db.query<{ totp_since: Date | null; passkeys: number; recovery_codes: number }>(sql`
    select (select created_at from totp_secrets where user_id = ${userId}::uuid) as totp_since,
      (select count(*)::int from passkeys where user_id = ${userId}::uuid) as passkeys,
      (select count(*)::int from recovery_codes where user_id = ${userId}::uuid) as recovery_codes`);
  return {
    totpSince: row?.totp_since ?? undefined,
    passkeys: row?.passkeys ?? 0,
    recoveryCodes: row?.recovery_codes ?? 0,
  };
}

/** Whether a password alone does not let this person in. */
export function hasSecondFactor({ totpSince, passkeys }: SecondFactors): boolean {
  return totpSince !== undefined || passkeys > 0;
}

/** Takes everything away that a person has besides a password, and tells what that was. */
export async function removeSecondFactors(db: Database, userId: string): Promise<SecondFactors> {
  const before = await findSecondFactors(db, userId);
  await db.query(sql`
    with codes as (delete from recovery_codes where user_id = ${userId}::uuid),
      totp as (delete from totp_secrets where user_id = ${userId}::uuid)
    delete from passkeys where user_id = ${userId}::uuid`);
  return before;
}
