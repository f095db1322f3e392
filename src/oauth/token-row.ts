import type { PartitionedTable } from '../postgres/partition.ts';
import { type Sql, sql } from '../postgres/sql.ts';

/** One token to be written. */
export type TokenRow = {
  table: PartitionedTable;
  model: string;
  clientId: string | null;
  digest: Buffer;
  issuedAt: Date;
  grantId: string | null;
  payload: string;
  expiresIn: number | null;
};

/** The days of the tokens' issue, each once. */
export function issueDays(rows: TokenRow[]): Date[] {
  const days = new Set(rows.map(({ issuedAt }) => Math.floor(issuedAt.getTime() / 86_400_000)));
  return [...days].map((day) => new Date(day * 86_400_000));
}

/** The statement that writes tokens into one table, on the condition `only` if one is given. */
export function insertion(table: PartitionedTable, rows: TokenRow[], only: Sql = sql`true`): Sql {
  const target = sql.identifier(table);
  return sql`insert into ${target} as old (digest, issued_at, model, client_id, grant_id, payload, expires_at)
    select digest, issued_at, model, client_id, grant_id, payload::json, now() + make_interval(secs => expires_in)
    from unnest(
      ${rows.map(({ digest }) => digest)}::bytea[], ${rows.map(({ issuedAt }) => issuedAt)}::timestamptz[],
      ${rows.map(({ model }) => model)}::text[], ${rows.map(({ clientId }) => clientId)}::text[],
      ${rows.map(({ grantId }) => grantId)}::text[],
      ${rows.map(({ payload }) => payload)}::text[], ${rows.map(({ expiresIn }) => expiresIn)}::float8[]
    ) as new (digest, issued_at, model, client_id, grant_id, payload, expires_in)
    where ${only}
    on conflict (digest, issued_at) do update
      set payload = excluded.payload, model = excluded.model, client_id = excluded.client_id, grant_id = excluded.grant_id, expires_at = excluded.expires_at
      where old.revoked_at is null`;
}
