import type { Adapter, AdapterPayload } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import { createBatch } from '../postgres/batch.ts';
import { type PartitionedTable, withPartitions } from '../postgres/partition.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';
import { refuseConsumed, revive, type StoreOptions, withoutId } from './store.ts';
import { insertion, issueDays, type TokenRow } from './token-row.ts';

type TokenKey = { digest: Buffer; issuedAt: Date };
type FoundToken = {
  payload: AdapterPayload;
  model: string;
  consumed: number | null;
  expired: boolean | null;
};

/**
 * Tokens in partitions by the day in their own text. Writes and look-ups travel in batches. An id that is not a token
 * of ours goes to `fallback`. A revoked token is gone for good, even for a write that comes later; so is a token of a
 * client that was removed, even when another is registered under the same id.
 */
export function createTokenStore(
  db: Database,
  table: PartitionedTable,
  options: StoreOptions,
): (model: string, fallback: Adapter) => Adapter {
  const target = sql.identifier(table);
  const find = createBatch<TokenKey, FoundToken | undefined>((keys) => findTokens(db, table, keys));
  const insert = createBatch<TokenRow, void>(async (rows) => {
    await insertTokens(db, table, rows);
    return [];
  });

  const keyOf = (id: string): TokenKey | undefined => {
    const text = options.format.parse(id);
    return text && { digest: sha256(id), issuedAt: text.issuedAt };
  };
  const whereKey = ({ digest, issuedAt }: TokenKey): Sql =>
    sql`digest = ${digest} and issued_at = ${issuedAt}`;

  return (model, fallback) => ({
    async find(id) {
      const key = keyOf(id);
      if (!key) return await fallback.find(id);
      const found = await find(key);
      if (!found || found.model !== model) return undefined;
      return revive(found.payload, { ...found, jti: id, now: epochSeconds() });
    },
    async upsert(id, payload, expiresIn) {
      const key = keyOf(id);
      if (!key) return await fallback.upsert(id, payload, expiresIn);
      const row: TokenRow = {
        ...key,
        table,
        model,
        clientId: payload.clientId ?? null,
        grantId: payload.grantId ?? null,
        payload: JSON.stringify(withoutId(payload)),
        expiresIn: expiresIn ?? null,
      };
      const redemption = options.redemption?.();
      if (redemption) redemption.tokens.push(row);
      else await insert(row);
      return undefined;
    },
    async consume(id) {
      const key = keyOf(id);
      if (!key) return await fallback.consume(id);
      const redemption = options.redemption?.();
      if (redemption) {
        redemption.consumes = key.digest;
        return undefined;
      }
      const rows = await db.query(
        sql`update ${target} set consumed_at = now()
            where ${whereKey(key)} and consumed_at is null and revoked_at is null returning 1`,
      );
      if (rows.length === 0) refuseConsumed();
      return undefined;
    },
    async destroy(id) {
      const key = keyOf(id);
      if (!key) return await fallback.destroy(id);
      await db.transaction(async (tx) => {
        const [ended] = await tx.query<{ grant_id: string | null }>(
          sql`update ${target} set revoked_at = now() where ${whereKey(key)} and revoked_at is null returning grant_id`,
        );
        // The end of a refresh token is that of its grant, which tells it.
        if (ended && table === 'access_tokens') {
          await options.events?.accessTokenEnded(tx, ended.grant_id ?? undefined);
        }
      });
      return undefined;
    },
    async revokeByGrantId(grantId) {
      await fallback.revokeByGrantId(grantId);
      await db.query(
        sql`update ${target} set revoked_at = now()
            where grant_id = ${grantId} and model = ${model} and revoked_at is null`,
      );
    },
    findByUserCode: (userCode) => fallback.findByUserCode(userCode),
    findByUid: (uid) => fallback.findByUid(uid),
  });
}

async function findTokens(
  db: Database,
  table: PartitionedTable,
  keys: TokenKey[],
): Promise<(FoundToken | undefined)[]> {
  const rows = await db.query<FoundToken & { position: number }>(
    sql`select wanted.position::int, token.payload, token.model, token.expires_at <= now() as expired,
          extract(epoch from token.consumed_at)::float8 as consumed
        from unnest(${keys.map(({ digest }) => digest)}::bytea[], ${keys.map(({ issuedAt }) => issuedAt)}::timestamptz[])
          with ordinality as wanted (digest, issued_at, position)
        join ${sql.identifier(table)} token on token.digest = wanted.digest and token.issued_at = wanted.issued_at
        where token.revoked_at is null
          and not exists (
            select from clients
            where clients.id = token.client_id and greatest(clients.created_at, tokens_not_before) > token.stored_at
          )`,
  );
  const found: (FoundToken | undefined)[] = keys.map(() => undefined);
  for (const row of rows) found[row.position - 1] = row;
  return found;
}

async function insertTokens(db: Database, table: PartitionedTable, rows: TokenRow[]): Promise<void> {
  // One statement cannot touch a row twice: of two writes to one id, the later counts.
  const last = new Map(rows.map((row) => [row.digest.toString('latin1'), row]));
  const latest = [...last.values()];
  await withPartitions(
    db,
    table,
    () => issueDays(latest),
    () => db.query(insertion(table, latest)),
  );
}
