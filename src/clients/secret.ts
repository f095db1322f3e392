import { type Clock, systemClock } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { isEqual, sha256, type TokenFormat } from '../secret.ts';
import type { Client } from './client.ts';
import { hasNoSecret, isClientId } from './registration.ts';

/** The new secret is the only copy. `previousExpiresAt` is when the one before it stops working. */
export type RotatedSecret = { secret: string; previousExpiresAt: Date | undefined };

/** Why no secret was made. `until` is when the older of the two live ones ends, if it has an end. */
export type RotateRefusal =
  | { refusal: 'unknown_client' }
  | { refusal: 'no_secret' }
  | { refusal: 'two_live'; until: Date | undefined };

/**
 * Gives a client a new secret. The one in use goes on working for `overlapSeconds`. A client has two live secrets at
 * most, however many rotations run at once: a third is refused, unless `force` ends the oldest at once.
 */
export async function rotateClientSecret(
  db: Database,
  id: string,
  options: { overlapSeconds: number; format: TokenFormat; force?: boolean; clock?: Clock },
): Promise<RotatedSecret | RotateRefusal> {
  const { overlapSeconds, format, force = false, clock = systemClock } = options;
  if (!isClientId(id)) return { refusal: 'unknown_client' };
  const secret = format.issue('cs', clock.now());
  return db.transaction(async (transaction) => {
    const refused = await lockSecrets(transaction, id);
    if (refused) return refused;
    // statement_timestamp(), since now() is when the transaction began: perhaps before the rotation that it waited for.
    const [outcome] = await transaction.query<RotateOutcome>(sql`
      with live as (
        select id, expires_at, row_number() over (order by created_at desc, id) as age
        from client_secrets
        where client_id = ${id} and (expires_at is null or expires_at > statement_timestamp())
      ), room as (
        select where ${force} or (select count(*) from live) < 2
      ), ended as (
        update client_secrets as secret
        set expires_at = case when live.age = 1
          then least(secret.expires_at, statement_timestamp() + make_interval(secs => ${overlapSeconds}))
          else statement_timestamp() end
        from live, room where secret.id = live.id
        returning live.age, secret.expires_at
      ), added as (
        insert into client_secrets (client_id, digest, created_at)
        select ${id}, ${sha256(secret)}, statement_timestamp() from room
        returning id
      )
      select exists (select from added) as added,
        (select expires_at from ended where age = 1) as previous_expires_at,
        (select min(expires_at) from live) as until`);
    if (!outcome?.added) return { refusal: 'two_live', until: outcome?.until ?? undefined };
    return { secret, previousExpiresAt: outcome.previous_expires_at ?? undefined };
  });
}

/** A second secret beside the one in use; its text is the only copy. */
export type AddedSecret = { id: string; secret: string; createdAt: Date; expiresAt: Date | undefined };

/** Gives a client one more secret, which ends at `expiresAt`. It has two live ones at most, however many are added at once. */
export async function addClientSecret(
  db: Database,
  id: string,
  { expiresAt, format, clock }: { expiresAt: Date | undefined; format: TokenFormat; clock: Clock },
): Promise<AddedSecret | RotateRefusal> {
  if (!isClientId(id)) return { refusal: 'unknown_client' };
  const secret = format.issue('cs', clock.now());
  return db.transaction(async (transaction) => {
    const refused = await lockSecrets(transaction, id);
    if (refused) return refused;
    const [added] = await transaction.query<{ id: string; created_at: Date; expires_at: Date | null }>(sql`
      insert into client_secrets (client_id, digest, created_at, expires_at)
      select ${id}, ${sha256(secret)}, statement_timestamp(), ${expiresAt}::timestamptz
      where (
        select count(*) from client_secrets
        where client_id = ${id} and (expires_at is null or expires_at > statement_timestamp())
      ) < 2
      returning id, created_at, expires_at`);
    if (!added) return { refusal: 'two_live', until: undefined };
    return { id: added.id, secret, createdAt: added.created_at, expiresAt: added.expires_at ?? undefined };
  });
}

/** Lets one at a time change the secrets of a client, which must be one that has some. */
async function lockSecrets(
  tx: Database,
  id: string,
): Promise<{ refusal: 'unknown_client' | 'no_secret' } | undefined> {
  const [client] = await tx.query<Pick<Client, 'authentication'>>(
    sql`select authentication from clients where id = ${id} for no key update`,
  );
  if (!client) return { refusal: 'unknown_client' };
  return hasNoSecret(client) ? { refusal: 'no_secret' } : undefined;
}

/** Ends one secret of a client at once. False if it has no such live one. */
export async function endClientSecret(db: Database, clientId: string, id: string): Promise<boolean> {
  const rows = await db.query(sql`
    update client_secrets set expires_at = now()
    where client_id = ${clientId} and id = ${id}::uuid and (expires_at is null or expires_at > now())
    returning id`);
  return rows.length > 0;
}

/** Whether the text is one of the client's live secrets. Takes the same time for any text and for no client at all. */
export function hasSecret(client: Client | undefined, text: string): boolean {
  const digest = sha256(text);
  let found = false;
  for (const secret of client?.secrets ?? []) found = isEqual(secret.digest, digest) || found;
  return found;
}

type RotateOutcome = { added: boolean; previous_expires_at: Date | null; until: Date | null };
