import { randomBytes } from 'node:crypto';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';

// Crockford's base32: no letter that looks like a digit.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const count = 10;

/**
 * Ten new codes of 80 random bits for a person, in place of those before. They are returned once; the database has their
 * digests. Within a transaction, so that of two at once one set is left.
 */
export async function makeRecoveryCodes(db: Database, userId: string): Promise<string[]> {
  const codes = Array.from({ length: count }, createCode);
  const digests = codes.map((code) => sha256(normalizeCode(code)));
  await db.query(sql`select from users where id = ${userId}::uuid for no key update`);
  await db.query(sql`
    with former as (delete from recovery_codes where user_id = ${userId}::uuid)
    insert into recovery_codes (user_id, digest) select ${userId}::uuid, unnest(${digests}::bytea[])`);
  return codes;
}

/** Uses a code of a person up, in any spelling. False for what is none of theirs, or is used. */
export async function spendRecoveryCode(db: Database, userId: string, typed: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from recovery_codes
    where user_id = ${userId}::uuid and digest = ${sha256(normalizeCode(typed))}
    returning 1`);
  return rows.length > 0;
}

/** Ends every recovery code of a person. */
export async function removeRecoveryCodes(db: Database, userId: string): Promise<void> {
  await db.query(sql`delete from recovery_codes where user_id = ${userId}::uuid`);
}

function createCode(): string {
  // 32 letters: five bits of each byte choose one without favour.
  const letters = [...randomBytes(16)].map((byte) => alphabet[byte & 31]).join('');
  return (letters.match(/.{4}/g) as string[]).join('-');
}

function normalizeCode(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
}
