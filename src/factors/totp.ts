import { Secret, TOTP } from 'otpauth';
import { wrongSecretError } from '../config.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { deriveKeys, type MasterSecrets, nameOfSecret, openWithAny, seal } from '../secret.ts';

/** A new secret that nobody has yet: in base32 for people who type it, and as the address that authenticator apps scan. */
export type TotpOffer = { secret: string; uri: string };

const purpose = 'one-time codes';
const period = 30;

/** Makes up a secret of 160 bits (RFC 4226 section 4) for a person of this name. */
export function createTotpOffer(issuer: string, email: string): TotpOffer {
  const secret = new Secret({ size: 20 });
  return offerOf(secret.base32, issuer, email);
}

/** The same offer again, for who holds its secret; `undefined` for a text that is none. */
export function repeatTotpOffer(secret: string, issuer: string, email: string): TotpOffer | undefined {
  return /^[A-Z2-7]{32}$/.test(secret) ? offerOf(secret, issuer, email) : undefined;
}

function offerOf(secret: string, issuer: string, email: string): TotpOffer {
  return { secret, uri: totpOf(secret, issuer, email).toString() };
}

/**
 * Takes a secret for a person's one-time codes, in place of the one before, if `code` comes from it; that code is used
 * with this. False for a wrong code.
 */
export async function setTotpSecret(
  db: Database,
  secrets: MasterSecrets,
  { userId, secret, code }: { userId: string; secret: string; code: string },
): Promise<boolean> {
  const [clock] = await db.query<{ seconds: number }>(
    sql`select extract(epoch from now())::float8 as seconds`,
  );
  const step = findStep(secret, code, clock?.seconds ?? 0);
  if (step === undefined) return false;
  const [key] = deriveKeys(secrets, purpose);
  const sealed = seal(key, secret, userId);
  const sealedBy = nameOfSecret(secrets[0]);
  await db.query(sql`
    insert into totp_secrets (user_id, sealed, sealed_by, used_step)
    values (${userId}::uuid, ${sealed}, ${sealedBy}, ${step})
    on conflict (user_id) do update
      set sealed = excluded.sealed, sealed_by = excluded.sealed_by, used_step = excluded.used_step, created_at = now()`);
  return true;
}

/** Uses a code of a person up. False where it is wrong, was used, or is older than one that was (RFC 6238 section 5.2). */
export async function spendTotpCode(
  db: Database,
  secrets: MasterSecrets,
  { userId, code }: { userId: string; code: string },
): Promise<boolean> {
  const [row] = await db.query<{ sealed: Buffer; seconds: number }>(sql`
    select sealed, extract(epoch from now())::float8 as seconds from totp_secrets where user_id = ${userId}::uuid`);
  if (!row) return false;
  const step = findStep(unseal(row.sealed, userId, secrets), code, row.seconds);
  if (step === undefined) return false;
  const rows = await db.query(sql`
    update totp_secrets set used_step = ${step}
    where user_id = ${userId}::uuid and used_step < ${step} and sealed = ${row.sealed}
    returning 1`);
  return rows.length > 0;
}

/** From now on the person has no one-time codes. False if they had none. */
export async function removeTotpSecret(db: Database, userId: string): Promise<boolean> {
  const rows = await db.query(sql`delete from totp_secrets where user_id = ${userId}::uuid returning 1`);
  return rows.length > 0;
}

/** Seals under the present master secret what an earlier one has sealed, and tells how many secrets that were. */
export async function resealTotpSecrets(db: Database, secrets: MasterSecrets): Promise<number> {
  const [key] = deriveKeys(secrets, purpose);
  const present = nameOfSecret(secrets[0]);
  const rows = await db.query<{ user_id: string; sealed: Buffer }>(
    sql`select user_id, sealed from totp_secrets where sealed_by <> ${present} for update`,
  );
  const sealed = rows.map((row) => seal(key, unseal(row.sealed, row.user_id, secrets), row.user_id));
  await db.query(sql`
    update totp_secrets set sealed = again.sealed, sealed_by = ${present}
    from unnest(${rows.map((row) => row.user_id)}::uuid[], ${sealed}::bytea[]) as again (user_id, sealed)
    where totp_secrets.user_id = again.user_id`);
  return rows.length;
}

function unseal(sealed: Buffer, userId: string, secrets: MasterSecrets): string {
  const plain = openWithAny(deriveKeys(secrets, purpose), sealed, userId);
  if (plain) return plain.toString();
  throw wrongSecretError();
}

/** The time step that a code belongs to: the present one, or its neighbours, for clocks that are half a minute off. */
function findStep(secret: string, code: string, seconds: number): number | undefined {
  const delta = totpOf(secret, '', '').validate({ token: code, timestamp: seconds * 1000, window: 1 });
  return delta === null ? undefined : Math.floor(seconds / period) + delta;
}

function totpOf(secret: string, issuer: string, label: string): TOTP {
  return new TOTP({
    issuer,
    label: label || 'account',
    algorithm: 'SHA1',
    digits: 6,
    period,
    secret: Secret.fromBase32(secret),
  });
}
