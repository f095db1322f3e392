import {
  createLocalJWKSet,
  type JSONWebKeySet,
  type JWTPayload,
  errors as joseErrors,
  jwtVerify,
} from 'jose';
import { clientGeneration } from '../clients/client.ts';
import { createBatch } from '../postgres/batch.ts';
import { withPartitions } from '../postgres/partition.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';

/** The claims of an access token of ours (RFC 9068 section 2.2). `grant_id` names the grant of a person's token. */
export type AccessTokenClaims = JWTPayload & {
  jti: string;
  sub: string;
  aud: string;
  iat: number;
  exp: number;
  client_id: string;
  /** That of its client when it was issued: see `Client`. */
  client_generation?: number;
  scope?: string;
  grant_id?: string;
  cnf?: { jkt?: string; 'x5t#S256'?: string };
  /** What a token got by exchange stands on, and who acts in it (RFC 8693 section 4.1). */
  lineage?: string[];
  act?: Record<string, unknown>;
  may_act?: Record<string, unknown>;
};

/** Reads JWTs that this issuer signed with one of its published keys. Says nothing about expiry and revocation. */
export type JwtReader = (text: string) => Promise<AccessTokenClaims | undefined>;

/**
 * A reader for an issuer; `keys` is asked at every reading, so that a rotation counts at once. A key that is not among
 * them may be a moment old, where another server has signed with it already: then `refresh` is waited for, once.
 */
export function createJwtReader(
  issuer: string,
  keys: () => JSONWebKeySet,
  refresh?: () => Promise<void>,
): JwtReader {
  let current: JSONWebKeySet | undefined;
  let find: ReturnType<typeof createLocalJWKSet> | undefined;

  async function verify(text: string): Promise<AccessTokenClaims> {
    if (keys() !== current || !find) {
      current = keys();
      find = createLocalJWKSet(current);
    }
    const { payload } = await jwtVerify(text, find, {
      issuer,
      typ: 'at+jwt',
      algorithms: ['ES256', 'EdDSA', 'RS256'],
      requiredClaims: ['jti', 'sub', 'aud', 'iat', 'exp', 'client_id'],
      // Expiry is the database's to decide: see `judgeJwt`.
      currentDate: new Date(0),
    });
    return payload as AccessTokenClaims;
  }

  return async (text) => {
    const known = keys();
    try {
      return await verify(text).catch(async (error: unknown) => {
        if (!refresh || !(error instanceof joseErrors.JWKSNoMatchingKey)) throw error;
        await refresh();
        if (keys() === known) throw error;
        return await verify(text);
      });
    } catch (error) {
      if (error instanceof joseErrors.JOSEError) return undefined;
      throw error;
    }
  };
}

/** Whether a text has the shape of a signed JWT (RFC 7515 section 3.1). */
export function isJwtShaped(text: string): boolean {
  return text.length <= 16_384 && /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text);
}

/** What the database knows of a JWT: `expired` by its clock; `dead` when it was revoked, or its client's tokens were. */
export type JwtState = { dead: boolean; expired: boolean };

/** Looks up the state of JWTs whose claims have been verified; look-ups side by side share one statement. */
export function createJwtJudge(db: Database): (claims: AccessTokenClaims) => Promise<JwtState> {
  return createBatch<AccessTokenClaims, JwtState>(async (batch) => {
    const rows = await db.query<JwtState>(
      sql`select ended <= now() as expired,
            exists (select from revoked_tokens where revoked_tokens.digest = asked.digest and expires_at = ended)
              or exists (
                select from clients where id = client_id and ${clientGeneration} is distinct from generation
              ) as dead
          from (
            select digest, client_id, to_timestamp(exp) as ended, generation, position
            from unnest(${batch.map(({ jti }) => sha256(jti))}::bytea[], ${batch.map(({ client_id }) => client_id)}::text[],
              ${batch.map(({ exp }) => exp)}::float8[],
              ${batch.map(({ client_generation }) => client_generation ?? null)}::float8[])
              with ordinality as one (digest, client_id, exp, generation, position)
          ) as asked order by position`,
    );
    return rows;
  });
}

/**
 * Revokes one JWT: a row until the token would have expired. Once this returns, no look-up finds it alive. `tell` is
 * called at the end of the transaction, unless the JWT was revoked before.
 */
export async function revokeJwt(
  db: Database,
  { jti, exp }: Pick<AccessTokenClaims, 'jti' | 'exp'>,
  tell: (tx: Database) => Promise<void> = async () => {},
): Promise<void> {
  await withPartitions(
    db,
    'revoked_tokens',
    () => [new Date(exp * 1000)],
    () =>
      db.transaction(async (tx) => {
        const rows = await tx.query(
          sql`insert into revoked_tokens (digest, expires_at) values (${sha256(jti)}, to_timestamp(${exp}::float8))
              on conflict do nothing returning 1`,
        );
        if (rows.length > 0) await tell(tx);
      }),
  );
}
