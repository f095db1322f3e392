import type { Adapter, AdapterPayload } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import { createBatch } from '../postgres/batch.ts';
import type { Database } from '../postgres/pool.ts';
import { scopesObject } from '../postgres/scopes.ts';
import { sql } from '../postgres/sql.ts';
import type { Scopes } from '../scopes.ts';
import { sha256 } from '../secret.ts';
import { isGiverMember } from './grant.ts';
import { readScope } from './scope.ts';
import { type EndedGrant, foundByIdAlone, revive, type StoreEvents, withoutId } from './store.ts';

type FoundGrant = {
  payload: AdapterPayload;
  expired: boolean | null;
  organization_id: string | null;
  permitted: Scopes | null;
};

/**
 * What people allowed. Destroying a grant ends every token under it, whatever else is being written
 * meanwhile. A grant to a client that was removed is gone, even when another is registered under the same id. One that was
 * given in an organization is found as wide as its giver's permissions there are at this moment, or not at all.
 */
export function createGrantStore(db: Database, { events }: { events?: StoreEvents } = {}): Adapter {
  const find = createBatch<Buffer, FoundGrant | undefined>((digests) => findGrants(db, digests));
  return {
    async find(id) {
      const found = await find(sha256(id));
      events?.grantFound(found?.organization_id ?? undefined);
      const payload = found && narrow(found);
      return payload && revive(payload, { jti: id, expired: found.expired, now: epochSeconds() });
    },
    async upsert(id, payload, expiresIn) {
      await insertGrant(db, id, payload, expiresIn);
    },
    async destroy(id) {
      await db.transaction(async (tx) => {
        const [ended] = await tx.query<EndedGrantRow>(
          sql`delete from grants where id_digest = ${sha256(id)}
              returning left(encode(id_digest, 'hex'), 16) as id, account_id, organization_id`,
        );
        if (ended) await events?.grantEnded(tx, toEndedGrant(ended));
      });
    },
    ...foundByIdAlone,
  };
}

/** Where a person gave a grant: in which organization, signed in at which identity provider (or here), from which address, and to a device at which. */
export type Giving = {
  organizationId: string | undefined;
  identityProvider: string | undefined;
  address: string;
  device: { address: string; userAgent: string };
};

/** Writes a grant in the engine's shape, to live `expiresIn` seconds (for ever when absent). */
export async function insertGrant(
  db: Database,
  id: string,
  payload: AdapterPayload,
  expiresIn: number | undefined,
  giving?: Giving,
): Promise<void> {
  await db.query(
    sql`insert into grants (id_digest, account_id, client_id, organization_id, identity_provider,
          approved_address, device_address, device_agent, payload, expires_at)
        values (${sha256(id)}, ${payload.accountId ?? null}, ${payload.clientId ?? null},
          ${giving?.organizationId}::uuid, ${giving?.identityProvider}, ${giving?.address}::inet, ${giving?.device.address || null}::inet,
          ${giving?.device.userAgent}, ${JSON.stringify(withoutId(payload))}, now() + make_interval(secs => ${expiresIn ?? null}::float8))
        on conflict (id_digest) do update set account_id = excluded.account_id, client_id = excluded.client_id,
          payload = excluded.payload, expires_at = excluded.expires_at`,
  );
}

async function findGrants(db: Database, digests: Buffer[]): Promise<(FoundGrant | undefined)[]> {
  const rows = await db.query<FoundGrant & { id_digest: Buffer }>(
    sql`select id_digest, payload, organization_id, expires_at <= now() as expired,
          case when organization_id is not null then ${scopesObject(sql`
            select resource, scope from member_permissions as own
            where own.organization_id = grants.organization_id and own.user_id = grants.account_id::uuid
              and payload -> 'resources' -> own.resource is not null`)} end as permitted
        from grants
        where id_digest = any(${digests}::bytea[]) and ${isGiverMember}
          and not exists (select from clients where clients.id = client_id and clients.created_at > grants.created_at)`,
  );
  const found = new Map(rows.map((row) => [row.id_digest.toString('latin1'), row]));
  return digests.map((digest) => found.get(digest.toString('latin1')));
}

type EndedGrantRow = { id: string; account_id: string; organization_id: string | null };

function toEndedGrant({ id, account_id, organization_id }: EndedGrantRow): EndedGrant {
  return { id, accountId: account_id, organizationId: organization_id ?? undefined };
}

function narrow({ payload, permitted }: FoundGrant): AdapterPayload | undefined {
  if (permitted === null) return payload;
  const resources = Object.entries((payload.resources ?? {}) as Record<string, string>)
    .map(([resource, scope]) => {
      const left = readScope(scope).filter((name) => permitted[resource]?.includes(name));
      return [resource, left.join(' ')] as const;
    })
    .filter(([, scope]) => scope !== '');
  return resources.length > 0 ? { ...payload, resources: Object.fromEntries(resources) } : undefined;
}
