import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { isUniqueViolation } from '../postgres/sqlstate.ts';

/** A passkey as its person sees it. */
export type Passkey = {
  id: string;
  userId: string;
  name: string;
  /** Whether its key can be on several devices of its person, and whether it is. */
  isSyncable: boolean;
  isBackedUp: boolean;
  createdAt: Date;
  lastUsedAt: Date | undefined;
};

/** What a passkey is told from others by and checked with. */
export type PasskeyCredential = {
  credentialId: Buffer;
  /** COSE. */
  publicKey: Buffer;
  transports: string[];
};

/** A passkey that was just made, as its authenticator has told. */
export type NewPasskey = PasskeyCredential & { counter: number; isSyncable: boolean; isBackedUp: boolean };

/** More than this nobody has; each is a way in that its person must remember. */
export const mostPasskeys = 20;

/** Adds a passkey to a person's. `exists`: it is somebody's already. */
export async function addPasskey(
  db: Database,
  userId: string,
  name: string,
  made: NewPasskey,
): Promise<{ passkey: Passkey } | { refusal: 'exists' | 'too_many' }> {
  try {
    const [row] = await db.query<PasskeyRow>(sql`
      insert into passkeys
        (user_id, name, credential_id, public_key, counter, transports, is_syncable, is_backed_up)
      select id, ${name}, ${made.credentialId}, ${made.publicKey}, ${made.counter}, ${made.transports},
        ${made.isSyncable}, ${made.isBackedUp}
      from users where id = ${userId}::uuid
        and (select count(*) from passkeys where user_id = users.id) < ${mostPasskeys}
      returning *`);
    return row ? { passkey: toPasskey(row) } : { refusal: 'too_many' };
  } catch (error) {
    if (isUniqueViolation(error, 'passkeys_credential_id_key')) return { refusal: 'exists' };
    throw error;
  }
}

/** The passkeys of a person, the oldest first. */
export async function listPasskeys(
  db: Database,
  userId: string,
): Promise<(Passkey & Pick<PasskeyCredential, 'credentialId' | 'transports'>)[]> {
  const rows = await db.query<PasskeyRow>(
    sql`select * from passkeys where user_id = ${userId}::uuid order by created_at, id`,
  );
  return rows.map((row) => ({
    ...toPasskey(row),
    credentialId: row.credential_id,
    transports: row.transports,
  }));
}

/** The passkey that an authenticator names, unless its person is disabled. */
export async function findPasskey(
  db: Database,
  credentialId: Buffer,
): Promise<(Passkey & PasskeyCredential & { email: string }) | undefined> {
  const [row] = await db.query<PasskeyRow & { email: string }>(sql`
    select passkeys.*, users.email from passkeys join users on users.id = user_id
    where credential_id = ${credentialId} and users.disabled_at is null`);
  return (
    row && {
      ...toPasskey(row),
      email: row.email,
      credentialId: row.credential_id,
      publicKey: row.public_key,
      transports: row.transports,
    }
  );
}

/** Gives a passkey of a person another name. `undefined` if they have no such one. */
export async function renamePasskey(
  db: Database,
  userId: string,
  id: string,
  name: string,
): Promise<Passkey | undefined> {
  const [row] = await db.query<PasskeyRow>(sql`
    update passkeys set name = ${name} where id = ${id}::uuid and user_id = ${userId}::uuid returning *`);
  return row && toPasskey(row);
}

/** From now on the passkey lets nobody in. `undefined` if the person has no such one. */
export async function removePasskey(db: Database, userId: string, id: string): Promise<Passkey | undefined> {
  const [row] = await db.query<PasskeyRow>(
    sql`delete from passkeys where id = ${id}::uuid and user_id = ${userId}::uuid returning *`,
  );
  return row && toPasskey(row);
}

/** Whether a person has anything to sign in with: a password, a passkey, or an identity provider that knows them. */
export async function hasWayIn(db: Database, userId: string): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 from users where id = ${userId}::uuid and (
      password_hash is not null
      or exists (select from passkeys where passkeys.user_id = users.id)
      or exists (
        select from identities join identity_providers as provider on provider.id = identities.provider_id
        where identities.user_id = users.id and provider.disabled_at is null
      )
    )`);
  return rows.length > 0;
}

/**
 * Remembers a use. False where the counter has not grown though it counts, which is how a copied key is noticed
 * (WebAuthn section 6.1.1), and where the passkey is gone.
 */
export async function countUse(
  db: Database,
  id: string,
  use: { counter: number; isBackedUp: boolean },
): Promise<boolean> {
  const { counter, isBackedUp } = use;
  const rows = await db.query(sql`
    update passkeys set counter = ${counter}, is_backed_up = ${isBackedUp}, last_used_at = now()
    where id = ${id}::uuid and (counter < ${counter} or counter = 0 and ${counter} = 0)
    returning id`);
  return rows.length > 0;
}

type PasskeyRow = {
  id: string;
  user_id: string;
  credential_id: Buffer;
  public_key: Buffer;
  transports: string[];
  name: string;
  is_syncable: boolean;
  is_backed_up: boolean;
  created_at: Date;
  last_used_at: Date | null;
};

function toPasskey(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    isSyncable: row.is_syncable,
    isBackedUp: row.is_backed_up,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
