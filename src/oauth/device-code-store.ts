import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import { addressPrefix } from '../http/client-address.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { isUniqueViolation } from '../postgres/sqlstate.ts';
import { hmac, isEqual, type KeyChain, sha256 } from '../secret.ts';
import { refuseConsumed, revive, type StoreOptions, withoutId } from './store.ts';

/** Another live device code has this user code. */
export class UserCodeTaken extends Error {
  override readonly name = 'UserCodeTaken';
}

type DeviceCodeRow = {
  digest: Buffer;
  payload: AdapterPayload;
  expired: boolean | null;
  consumed: number | null;
};

const columns = sql`digest, payload, expires_at <= now() as expired, extract(epoch from consumed_at)::float8 as consumed`;

/**
 * Device codes (RFC 8628). Pending → decided → consumed, never back: a write to a decided or consumed code changes
 * nothing. `upsert` throws UserCodeTaken rather than let two live codes share a user code.
 */
export function createDeviceCodeStore(db: Database, options: StoreOptions): Adapter {
  return {
    async find(id) {
      const [row] = await db.query<DeviceCodeRow>(
        sql`select ${columns} from device_codes where digest = ${digestOf(id)}`,
      );
      return row && revive(row.payload, { ...row, jti: id, now: epochSeconds() });
    },
    async findByUserCode(userCode) {
      const row = await findByUserCode(db, options.userCodeKeys, userCode);
      if (!row) return undefined;
      return { ...revive(row.payload, { ...row, jti: handleOf(row.digest), now: epochSeconds() }), userCode };
    },
    async upsert(id, payload, expiresIn) {
      const { userCode, ...kept } = withoutId(payload);
      const code = userCode ? hmac(options.userCodeKeys[0], userCode) : null;
      const write = () => writeDeviceCode(db, digestOf(id), code, kept, expiresIn ?? null);
      try {
        await write();
      } catch (error) {
        if (!isUniqueViolation(error, 'device_codes_user_code')) throw error;
        await freeUserCode(db, code);
        await write().catch((again: unknown) => {
          throw isUniqueViolation(again, 'device_codes_user_code') ? new UserCodeTaken() : again;
        });
      }
    },
    async consume(id) {
      const redemption = options.redemption?.();
      if (redemption) {
        redemption.consumes = digestOf(id);
        return;
      }
      const rows = await db.query(
        sql`update device_codes set consumed_at = now()
            where digest = ${digestOf(id)} and consumed_at is null returning 1`,
      );
      if (rows.length === 0) refuseConsumed();
    },
    async destroy(id) {
      await db.query(sql`delete from device_codes where digest = ${digestOf(id)}`);
    },
    async revokeByGrantId(grantId) {
      await db.query(sql`delete from device_codes where grant_id = ${grantId}`);
    },
    async findByUid() {
      return undefined;
    },
  };
}

async function writeDeviceCode(
  db: Database,
  digest: Buffer,
  userCode: Buffer | null,
  payload: AdapterPayload,
  expiresIn: number | null,
): Promise<void> {
  const decidedAt: Sql = payload.accountId || payload.error ? sql`now()` : sql`null`;
  await db.query(
    sql`insert into device_codes as old (digest, user_code, grant_id, payload, network, decided_at, expires_at)
        values (${digest}, ${userCode}, ${payload.grantId ?? null}, ${JSON.stringify(payload)}, ${networkOf(payload)},
          ${decidedAt}, now() + make_interval(secs => ${expiresIn}::float8))
        on conflict (digest) do update set user_code = coalesce(excluded.user_code, old.user_code),
          grant_id = excluded.grant_id, payload = excluded.payload, decided_at = excluded.decided_at,
          expires_at = excluded.expires_at
        where old.decided_at is null and old.consumed_at is null`,
  );
}

function networkOf({ deviceInfo }: AdapterPayload): string | null {
  const address = (deviceInfo as { address?: unknown } | undefined)?.address;
  return typeof address === 'string' && address !== '' ? addressPrefix(address) : null;
}

/** Takes the user code from a code that nobody can enter any more. */
async function freeUserCode(db: Database, userCode: Buffer | null): Promise<void> {
  await db.query(
    sql`update device_codes set user_code = null
        where user_code = ${userCode} and (expires_at <= now() or decided_at is not null or consumed_at is not null)`,
  );
}

/** The row behind a user code, whatever its state. */
export async function findByUserCode(
  db: Database,
  keys: KeyChain,
  userCode: string,
): Promise<DeviceCodeRow | undefined> {
  const [row, another] = await db.query<DeviceCodeRow>(
    sql`select ${columns} from device_codes where ${hasUserCode(keys, userCode)}`,
  );
  return another ? undefined : row;
}

/**
 * The condition for device codes with a user code, under whichever secret it was stored. Across a change of the secret
 * the index cannot tell two alike: a code that finds two rows must count as unknown.
 */
export function hasUserCode(keys: KeyChain, userCode: string): Sql {
  return sql`user_code = any(${keys.map((key) => hmac(key, userCode))}::bytea[])`;
}

/** What a poll of a pending code is told (RFC 8628 section 3.5), the interval from now on in seconds, and whether a person looks at it. */
export type Poll = { isTooFast: boolean; interval: number; isOpened: boolean };

/**
 * Notes a poll of a pending code, in one statement: of two at once exactly one is in time. Half a second of tolerance
 * for the network. A poll that comes too fast adds 5 s to the interval and does not move the window.
 */
export async function recordPoll(db: Database, deviceCode: string): Promise<Poll | undefined> {
  const poll = randomUUID();
  const inTime = sql`(last_polled_at is null
    or now() >= last_polled_at + make_interval(secs => interval_seconds) - interval '0.5 seconds')`;
  const [row] = await db.query<{ accepted: boolean; interval: number; opened: boolean }>(
    sql`update device_codes set
          last_polled_at = case when ${inTime} then now() else last_polled_at end,
          last_poll = case when ${inTime} then ${poll}::uuid else last_poll end,
          interval_seconds = case when ${inTime} then interval_seconds else least(interval_seconds + 5, 120) end
        where digest = ${digestOf(deviceCode)} and decided_at is null and consumed_at is null and expires_at > now()
        returning last_poll = ${poll}::uuid as accepted, interval_seconds as interval, opened_by is not null as opened`,
  );
  return row && { isTooFast: !row.accepted, interval: row.interval, isOpened: row.opened };
}

/** Ends a pending device code of a client that will not come back for it: nobody can approve it any more. */
export async function withdrawDeviceCode(db: Database, deviceCode: string, clientId: string): Promise<void> {
  const digest = sha256(deviceCode);
  const [row] = await db.query<DeviceCodeRow>(
    sql`select ${columns} from device_codes where digest = ${digest}`,
  );
  if (row?.payload.clientId !== clientId) return;
  await db.query(sql`delete from device_codes where digest = ${digest} and decided_at is null`);
}

/** The digest that a device code is stored under, from its text or from a handle of this process. */
function digestOf(id: string): Buffer {
  const [, digest, mac] = /^handle\.([0-9a-f]{64})\.([0-9a-f]{64})$/.exec(id) ?? [];
  if (!digest || !mac) return sha256(id);
  return isEqual(handleMac(digest), Buffer.from(mac, 'hex')) ? Buffer.from(digest, 'hex') : sha256(id);
}

/** Stands for a device code whose text nobody here knows. Worth nothing outside this process. */
function handleOf(digest: Buffer): string {
  const hex = digest.toString('hex');
  return `handle.${hex}.${handleMac(hex).toString('hex')}`;
}

const handleKey = randomBytes(32);

function handleMac(digest: string): Buffer {
  return createHmac('sha256', handleKey).update(digest).digest();
}
