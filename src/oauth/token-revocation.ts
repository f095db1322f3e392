import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { sha256, type TokenFormat } from '../secret.ts';
import { textDigest } from '../tokens/check.ts';
import { removeValue } from '../tokens/value.ts';
import { isJwtShaped, type JwtReader, revokeJwt } from './jwt.ts';

/** What an operator's revocation of one token's text has ended. */
export type EndedToken = 'access_token' | 'grant' | 'api_token_value' | 'nothing';

/** `tell` is called at the end of the transaction that has ended something: a client's access token, a grant, or a value. */
export type RevocationOptions = {
  format: TokenFormat;
  readJwt: JwtReader;
  tell(
    tx: Database,
    ended: Exclude<EndedToken, 'nothing'>,
    id: string,
    organizationId?: string,
  ): Promise<void>;
};

/** Ends an access token alone, the whole grant behind a refresh token (RFC 7009 section 2.1), or one text of an API token. */
export async function revokeToken(
  db: Database,
  text: string,
  { format, readJwt, tell }: RevocationOptions,
): Promise<EndedToken> {
  if (isJwtShaped(text)) {
    const claims = await readJwt(text);
    if (!claims) return 'nothing';
    await revokeJwt(db, claims, (tx) => tell(tx, 'access_token', claims.client_id));
    return 'access_token';
  }
  const digest = textDigest(text, format);
  if (digest) {
    return await db.transaction(async (tx) => {
      const removed = await removeValue(tx, digest);
      if (removed) await tell(tx, 'api_token_value', removed.tokenId, removed.organizationId);
      return removed ? 'api_token_value' : 'nothing';
    });
  }
  const token = format.parse(text);
  const key = sql`digest = ${sha256(text)} and issued_at = ${token?.issuedAt ?? null}`;
  const end = (statement: Sql, ended: Exclude<EndedToken, 'nothing'>): Promise<EndedToken> =>
    db.transaction(async (tx) => {
      const [row] = await tx.query<{ id: string }>(statement);
      if (!row) return 'nothing';
      await tell(tx, ended, row.id);
      return ended;
    });
  if (token?.kind === 'at') {
    return await end(
      sql`update access_tokens set revoked_at = now() where ${key} and revoked_at is null
          returning client_id as id`,
      'access_token',
    );
  }
  if (token?.kind !== 'rt') return 'nothing';
  return await end(
    sql`delete from grants using refresh_tokens where ${key} and id_digest = sha256(grant_id::bytea)
        returning left(encode(id_digest, 'hex'), 16) as id`,
    'grant',
  );
}
