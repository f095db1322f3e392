import { randomBytes } from 'node:crypto';
import { wrongSecretError } from '../config.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { deriveKey, deriveKeys, type MasterSecrets, open, openWithAny, seal } from '../secret.ts';

/**
 * The key of the MACs; makes it where there is none, and servers that start together agree on one. A master secret that
 * does not open it is an AppError `configuration`.
 */
export async function loadAuditKey(db: Database, secrets: MasterSecrets): Promise<Buffer> {
  const known = await findAuditKey(db, secrets);
  if (known) return known;
  await db.query(sql`
    insert into audit_keys (sealed) values (${seal(sealingKey(secrets), randomBytes(32), context)})
    on conflict do nothing`);
  return unseal((await findSealed(db)) as Buffer, secrets);
}

/** The key of the MACs, if there is one. */
export async function findAuditKey(db: Database, secrets: MasterSecrets): Promise<Buffer | undefined> {
  const sealed = await findSealed(db);
  return sealed && unseal(sealed, secrets);
}

/** Seals under the present master secret what an earlier one has sealed, and tells how many keys that were: 1 or 0. */
export async function resealAuditKey(db: Database, secrets: MasterSecrets): Promise<number> {
  const sealed = await findSealed(db);
  if (!sealed || open(sealingKey(secrets), sealed, context)) return 0;
  const again = seal(sealingKey(secrets), unseal(sealed, secrets), context);
  await db.query(sql`update audit_keys set sealed = ${again}`);
  return 1;
}

const context = 'audit key';

function sealingKey([present]: MasterSecrets): Buffer {
  return deriveKey(present, context);
}

function unseal(sealed: Buffer, secrets: MasterSecrets): Buffer {
  const key = openWithAny(deriveKeys(secrets, context), sealed, context);
  if (key) return key;
  throw wrongSecretError();
}

async function findSealed(db: Database): Promise<Buffer | undefined> {
  const [row] = await db.query<{ sealed: Buffer }>(sql`select sealed from audit_keys`);
  return row?.sealed;
}
