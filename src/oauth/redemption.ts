import { withPartitions } from '../postgres/partition.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { deriveKey, open, seal, sha256 } from '../secret.ts';
import { isGiverMember } from './grant.ts';
import { pollIntervalSeconds } from './lifetimes.ts';
import { insertion, issueDays, type TokenRow } from './token-row.ts';

/**
 * The exchange of one device code or refresh token for new tokens, as one unit: what the engine consumes and issues is
 * collected while it works, and written in one statement together with the answer. A crash leaves all of it or nothing.
 */
export type Redemption = {
  source: 'device_codes' | 'refresh_tokens';
  /** The code or token that the client presented. */
  presented: string;
  /** Thumbprint of the key that the request proves possession of (RFC 9449), if it does. */
  provenKey: string | undefined;
  /** Thumbprint of the certificate that the request shows (RFC 8705), where the client's tokens are bound to it. */
  certificate: string | undefined;
  /** Set when the engine has consumed the presented one: the digest of its text. */
  consumes: Buffer | undefined;
  tokens: TokenRow[];
};

/** How long the same answer is given again to a client that presents the same code or token again. */
export const graceSeconds = 30;

/** A redemption of what the client presented, with nothing done yet. */
export function createRedemption(source: Redemption['source'], presented: string): Redemption {
  return { source, presented, provenKey: undefined, certificate: undefined, consumes: undefined, tokens: [] };
}

/**
 * Writes a redemption and its answer. `false` when another request has redeemed the same one first, or its grant has
 * been revoked meanwhile: then nothing is written.
 */
export async function settleRedemption(
  db: Database,
  redemption: Redemption,
  answer: object,
): Promise<boolean> {
  const { source, presented, consumes, tokens } = redemption;
  if (!consumes) throw new Error('a redemption without a consumed source cannot be settled');
  const sealed = seal(answerKey(presented), JSON.stringify(answer), holderOf(redemption));
  const won = sql`exists (select from won)`;
  const access = tokens.filter(({ table }) => table === 'access_tokens');
  const refresh = tokens.filter(({ table }) => table === 'refresh_tokens');
  const statement = sql`with won as (${consumption(source, consumes, sealed)}),
    access as (${insertion('access_tokens', access, won)}),
    refresh as (${insertion('refresh_tokens', refresh, won)})
    select 1 from won`;
  const write = () => db.query(statement);
  const rows = await withPartitions(
    db,
    'access_tokens',
    () => issueDays(access),
    () => withPartitions(db, 'refresh_tokens', () => issueDays(refresh), write),
  );
  return rows.length === 1;
}

function consumption(source: Redemption['source'], digest: Buffer, response: Buffer): Sql {
  return source === 'device_codes'
    ? sql`update device_codes set consumed_at = now(), response = ${response}
          where digest = ${digest} and consumed_at is null and expires_at > now() returning 1`
    : sql`update refresh_tokens set consumed_at = now(), response = ${response}
          where digest = ${digest} and consumed_at is null and revoked_at is null and expires_at > now() returning 1`;
}

/** What an earlier redemption answered, and whether to say it again. */
export type EarlierAnswer = {
  /** Absent where it does not open, or its tokens are dead with their grant or person. */
  answer: Record<string, unknown> | undefined;
  /** Seconds since the redemption, by the database's clock. */
  age: number;
  /** The connection closed before the answer had left. */
  isLost: boolean;
};

/**
 * The earlier redemption of the same code or token, if there was one. Its answer opens only with the presented text
 * itself, for who proves possession of the same key and shows the same certificate, or none if it was none then.
 */
export async function findEarlierAnswer(
  db: Database,
  redemption: Redemption,
): Promise<EarlierAnswer | undefined> {
  const { source, presented } = redemption;
  const age = sql`extract(epoch from now() - consumed_at)::float8 as age`;
  const digest = sha256(presented);
  const stands = sql`exists (
    select from grants join users on users.id = account_id::uuid
    where id_digest = sha256(grant_id::bytea) and grants.expires_at > now() and users.disabled_at is null
      and ${isGiverMember}
  ) as stands`;
  const [row] = await db.query<{ response: Buffer | null; age: number; lost: boolean; stands: boolean }>(
    source === 'device_codes'
      ? sql`select response, ${age}, response_lost_at is not null as lost, ${stands} from device_codes
            where digest = ${digest} and consumed_at is not null`
      : sql`select response, ${age}, false as lost, ${stands} from refresh_tokens
            where digest = ${digest} and consumed_at is not null and revoked_at is null`,
  );
  if (!row) return undefined;
  const opened =
    row.response && row.stands ? open(answerKey(presented), row.response, holderOf(redemption)) : undefined;
  return { answer: opened && JSON.parse(opened.toString()), age: row.age, isLost: row.lost };
}

/**
 * Whether a device code that comes again gets its first answer again: when that is known not to have left, or when the
 * client has waited its interval. Sooner it is a second poll of the same moment, of which only one may succeed.
 */
export function mayRepeatDeviceAnswer({ answer, age, isLost }: EarlierAnswer): boolean {
  return answer !== undefined && age <= graceSeconds && (isLost || age >= pollIntervalSeconds);
}

/** Notes that the answer to the redemption of a device code did not reach the client's connection. */
export async function markAnswerLost(db: Database, deviceCode: string): Promise<void> {
  await db.query(sql`update device_codes set response_lost_at = now() where digest = ${sha256(deviceCode)}`);
}

function holderOf({ provenKey = '', certificate }: Redemption): string {
  return certificate === undefined ? provenKey : `${provenKey} ${certificate}`;
}

function answerKey(presented: string): Buffer {
  return deriveKey(presented, 'redemption answer');
}
