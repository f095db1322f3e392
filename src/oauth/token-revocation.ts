import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256, type TokenFormat } from '../secret.ts';
import { isJwtShaped, type JwtReader, revokeJwt } from './jwt.ts';

/** What an operator's revocation of one token's text has ended. */
export type EndedToken = 'access_token' | 'grant' | 'nothing';

/** Ends an access token alone, or the whole grant behind a refresh token (RFC 7009 section 2.1). */
export async function revokeToken(
  db: Database,
  text: string,
  { format, readJwt }: { format: TokenFormat; readJwt: JwtReader },
): Promise<EndedToken> {
  if (isJwtShaped(text)) {
    const claims = await readJwt(text);
    if (!claims) return 'nothing';
    await revokeJwt(db, claims);
    return 'access_token';
  }
  const token = format.parse(text);
  const key = sql`digest = ${sha256(text)} and issued_at = ${token?.issuedAt ?? null}`;
  if (token?.kind === 'at') {
    const rows = await db.query(
      sql`update access_tokens set revoked_at = now() where ${key} and revoked_at is null returning 1`,
    );
    return rows.length > 0 ? 'access_token' : 'nothing';
  }
  if (token?.kind !== 'rt') return 'nothing';
  const rows = await db.query(
    sql`delete from grants using refresh_tokens where ${key} and id_digest = sha256(grant_id::bytea) returning 1`,
  );
  return rows.length > 0 ? 'grant' : 'nothing';
}
