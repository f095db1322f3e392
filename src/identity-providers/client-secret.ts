import { configurationError } from '../config.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { deriveKeys, type MasterSecrets, open, openWithAny, seal } from '../secret.ts';

/** Where a secret belongs: it can be opened for the same provider at the same issuer only. */
export type SecretHome = { id: string; issuer: string };

/** Seals a client secret for the database. */
export function sealClientSecret(secrets: MasterSecrets, home: SecretHome, secret: string): Buffer {
  const [present] = deriveKeys(secrets, purpose);
  return seal(present, secret, contextOf(home));
}

/** The opposite of `sealClientSecret`; AppError `configuration` where no master secret that we have opens it. */
export function openClientSecret(secrets: MasterSecrets, home: SecretHome, sealed: Buffer): string {
  const plain = openWithAny(deriveKeys(secrets, purpose), sealed, contextOf(home));
  if (plain) return plain.toString();
  throw configurationError([
    `POSTERN_SECRET: write the master secret that the client secret of ${home.id} was sealed under, or give it a new one`,
  ]);
}

/** Seals under the present master secret what an earlier one has sealed, and tells how many secrets that were. */
export async function resealClientSecrets(db: Database, secrets: MasterSecrets): Promise<number> {
  const [present] = deriveKeys(secrets, purpose);
  const rows = await db.query<SecretHome & { sealed_secret: Buffer }>(sql`
    select id, issuer, sealed_secret from identity_providers where sealed_secret is not null
    order by id for update`);
  const old = rows.filter((row) => !open(present, row.sealed_secret, contextOf(row)));
  for (const row of old) {
    const sealed = sealClientSecret(secrets, row, openClientSecret(secrets, row, row.sealed_secret));
    await db.query(sql`update identity_providers set sealed_secret = ${sealed} where id = ${row.id}`);
  }
  return old.length;
}

const purpose = 'identity providers';

function contextOf({ id, issuer }: SecretHome): string {
  return `${id} ${issuer}`;
}
