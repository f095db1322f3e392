import type { AdapterPayload } from 'oidc-provider';
import { addressPrefix } from '../http/client-address.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';

/** What ended because a person said that they had not started it. */
export type Reported = {
  clientId: string;
  organizationId: string | undefined;
  /** Where the device asked from, as far as it is known. */
  address: string | undefined;
  /** How many device codes ended, of whatever client. */
  codes: number;
};

type PendingRow = {
  digest: Buffer;
  payload: AdapterPayload & { deviceInfo?: { address?: string } };
  opened_by: string | null;
};

/**
 * Ends a pending code that this person has opened, and every other pending one that was asked for from its network.
 * `undefined` where it is not theirs or not pending any more.
 */
export async function reportCode(
  tx: Database,
  digest: Buffer,
  userId: string,
): Promise<Reported | undefined> {
  const pending = await lockPending(
    tx,
    sql`(digest = ${digest} or network = (select network from device_codes where digest = ${digest}))`,
  );
  const own = pending.find((row) => row.digest.equals(digest));
  if (own?.opened_by !== userId) return undefined;
  await denyAll(tx, pending);
  const { clientId = '', deviceInfo } = own.payload;
  const address = deviceInfo?.address || undefined;
  return { clientId, organizationId: undefined, address, codes: pending.length };
}

/**
 * Ends a grant of this person, every token under it, and every pending code that was asked for from the network of its
 * device. `undefined` where they have no such grant, or gave it elsewhere than in `organizationId`.
 */
export async function reportGrant(
  tx: Database,
  { accountId, id, organizationId }: { accountId: string; id: string; organizationId?: string | undefined },
): Promise<Reported | undefined> {
  const [ended] = await tx.query<{
    client_id: string;
    organization_id: string | null;
    device_address: string | null;
  }>(
    sql`delete from grants where account_id = ${accountId} and id_digest = decode(${id}, 'hex') and expires_at > now()
          and (${organizationId}::uuid is null or organization_id = ${organizationId}::uuid)
        returning client_id, organization_id, host(device_address) as device_address`,
  );
  if (!ended) return undefined;
  await tx.query(
    sql`delete from known_clients where user_id = ${accountId}::uuid and client_id = ${ended.client_id}`,
  );
  const address = ended.device_address ?? undefined;
  const pending = address ? await lockPending(tx, sql`network = ${addressPrefix(address)}`) : [];
  await denyAll(tx, pending);
  return {
    clientId: ended.client_id,
    organizationId: ended.organization_id ?? undefined,
    address,
    codes: pending.length,
  };
}

/** In one order, so that two people who report at once do not wait for each other. */
async function lockPending(tx: Database, condition: Sql): Promise<PendingRow[]> {
  return await tx.query<PendingRow>(
    sql`select digest, payload, opened_by from device_codes
        where ${condition} and decided_at is null and consumed_at is null and expires_at > now()
        order by digest for update`,
  );
}

async function denyAll(tx: Database, pending: readonly PendingRow[]): Promise<void> {
  const payloads = pending.map(({ payload }) => JSON.stringify({ ...payload, ...denial }));
  await tx.query(
    sql`update device_codes set payload = ended.payload::json, decided_at = now()
        from unnest(${pending.map(({ digest }) => digest)}::bytea[], ${payloads}::text[]) as ended (digest, payload)
        where device_codes.digest = ended.digest`,
  );
}

/** What a device whose person refused is told with its next poll (RFC 8628 section 3.5). */
export const denial = {
  error: 'access_denied',
  errorDescription: 'the person who was asked has denied it',
};
