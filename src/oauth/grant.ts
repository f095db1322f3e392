import type { AdapterPayload } from 'oidc-provider';
import { claimedSystemIn } from '../claimed-system.ts';
import { newestFirst, type Part, type Placed } from '../postgres/newest-first.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';

/** What a person allowed a client once, and still does. */
export type Grant = {
  /** Names the grant for `revokeGrants`; worth nothing to a client. 64 hexadecimal digits. */
  id: string;
  accountId: string;
  clientId: string;
  /** Scopes by resource. */
  resources: Record<string, string>;
  /** Its client's name; absent where the client is gone. */
  clientName: string | undefined;
  createdAt: Date;
  expiresAt: Date;
  /** Where the person was who gave it, as far as it was written down. */
  approvedAddress: string | undefined;
  /** Where its device asked from, and what that called itself. */
  device: { address: string; agent: string } | undefined;
  /** When and where its client got a token under it last, a few seconds late. */
  lastUsed: { at: Date; address: string } | undefined;
};

/**
 * Which grants: those of a person (or just one of them, or those given in one organization), those to a client, or the one
 * whose id begins so.
 */
export type GrantSelection =
  | { accountId: string; id?: string; organizationId?: string | undefined }
  | { clientId: string }
  | { idPrefix: string };

/**
 * Whether who gave a grant in an organization is a member there still, neither they nor it is disabled, and they had signed
 * in as they must now. What was given before somebody left does not come back with them.
 */
export const isGiverMember = sql`(
  grants.organization_id is null or exists (
    select from live_memberships as giver
    where giver.organization_id = grants.organization_id and giver.user_id = grants.account_id::uuid
      and giver.joined_at <= grants.created_at
      and (
        not exists (
          select from identity_provider_members as federated
          where federated.organization_id = giver.organization_id and federated.user_id = giver.user_id)
        or exists (
          select from accepted_identity_providers as accepted
          where accepted.organization_id = giver.organization_id
            and accepted.provider_id = grants.identity_provider)
      )
  )
)`;

/**
 * A part of the live grants of a selection, the newest first; `search` is a part of what its client is called, or of where its
 * device asked from, what that called itself, which system that is, or where it was allowed or used last, in any case.
 */
export async function listGrants(
  db: Database,
  selection: GrantSelection,
  { search }: { search?: string | undefined } = {},
  { after, limit = 100 }: Part = {},
): Promise<Placed<Grant>[]> {
  const rows = await db.query<Placed<GrantRow>>(
    sql`select encode(id_digest, 'hex') as id, account_id, client_id, payload, created_at, expires_at, client.name as client_name,
          host(approved_address) as approved_address, host(device_address) as device_address, device_agent,
          last_used_at, host(last_used_address) as last_used_address, ${given.place}
        from grants
          left join lateral (
            select name from clients where clients.id = client_id and clients.created_at <= grants.created_at
          ) as client on true
        where ${selected(selection)} and expires_at > now() and ${isGiverMember}
          and (${search}::text is null or strpos(
            lower(concat_ws(' ', client.name, client_id, host(approved_address), host(device_address), device_agent,
              ${claimedSystemIn(sql`device_agent`)}, host(last_used_address))),
            lower(${search})
          ) > 0)
          and ${given.behind(after)}
        order by ${given.order} limit ${limit}`,
  );
  return rows.map((row) => ({
    place: row.place,
    id: row.id,
    accountId: row.account_id,
    clientId: row.client_id,
    resources: row.payload.resources ?? {},
    clientName: row.client_name ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    approvedAddress: row.approved_address ?? undefined,
    device:
      row.device_address === null
        ? undefined
        : { address: row.device_address, agent: row.device_agent ?? '' },
    lastUsed:
      row.last_used_at && row.last_used_address
        ? { at: row.last_used_at, address: row.last_used_address }
        : undefined,
  }));
}

/** How many live grants a selection has. */
export async function countGrants(db: Database, selection: GrantSelection): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    sql`select count(*)::int as count from grants
        where ${selected(selection)} and expires_at > now() and ${isGiverMember}`,
  );
  return row?.count ?? 0;
}

/** Ends grants, and with them every token under them, opaque or JWT. Tells how many were live. */
export async function revokeGrants(db: Database, selection: GrantSelection): Promise<number> {
  const rows = await db.query<{ live: boolean }>(
    sql`delete from grants where ${selected(selection)} returning expires_at > now() as live`,
  );
  return rows.filter(({ live }) => live).length;
}

/** The organization that a grant was given in; `undefined` where none was chosen. */
export async function findGrantOrganization(db: Database, grantId: string): Promise<string | undefined> {
  const [row] = await db.query<{ organization_id: string | null }>(
    sql`select organization_id from grants where id_digest = ${sha256(grantId)}`,
  );
  return row?.organization_id ?? undefined;
}

function selected(selection: GrantSelection): Sql {
  if ('accountId' in selection) {
    const { accountId, id, organizationId } = selection;
    return sql`account_id = ${accountId} and (${id}::text is null or id_digest = decode(${id}, 'hex'))
      and (${organizationId}::uuid is null or organization_id = ${organizationId}::uuid)`;
  }
  if ('clientId' in selection) return sql`client_id = ${selection.clientId}`;
  return sql`starts_with(encode(id_digest, 'hex'), ${selection.idPrefix})`;
}

const given = newestFirst(sql`grants.created_at`, sql`id_digest`);

type GrantRow = {
  id: string;
  account_id: string;
  client_id: string;
  payload: AdapterPayload & { resources?: Record<string, string> };
  client_name: string | null;
  created_at: Date;
  expires_at: Date;
  approved_address: string | null;
  device_address: string | null;
  device_agent: string | null;
  last_used_at: Date | null;
  last_used_address: string | null;
};
