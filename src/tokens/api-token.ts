import { newestFirst, type Part, type Placed } from '../postgres/newest-first.ts';
import type { Database } from '../postgres/pool.ts';
import { scopeRows, scopesObject } from '../postgres/scopes.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import type { Scopes } from '../scopes.ts';
import { normalRange } from './address-range.ts';

/** Who may use a token: its owner, or every member; or what an earlier system has left. */
export type ApiTokenKind = 'private' | 'shared' | 'legacy';

/** Who has disabled a token. What an administrator or the operator has, its owner does not enable again. */
export type TokenDisabler = 'owner' | 'administrator' | 'operator';

/** A long-lived token as its people see it; its texts are known to nobody but their holders. */
export type ApiToken = {
  id: string;
  organizationId: string;
  ownerId: string;
  ownerEmail: string;
  kind: ApiTokenKind;
  name: string;
  note: string;
  /** What was asked for it. What it may do now is `present`: not more than owner and policy allow. Nothing for a legacy token. */
  permissions: Scopes;
  present: Scopes;
  /** Where it may be used from, in CIDR notation and normal form (`normalRange`); anywhere if empty. */
  addressRanges: string[];
  approval: 'requested' | 'approved' | 'refused' | undefined;
  approvalReason: string | undefined;
  createdAt: Date;
  expiresAt: Date | undefined;
  disabledAt: Date | undefined;
  /** Unknown of those that were disabled before this was remembered. */
  disabledBy: TokenDisabler | undefined;
  lastUse: LastUse | undefined;
  /** The owner's text before the present one, while it lives on. */
  previousValue: { endsAt: Date; lastUse: LastUse | undefined } | undefined;
};

/** When something was last used, from where, and by which program. */
export type LastUse = { at: Date; address: string; agent: string };

/** What is chosen about a token. */
export type ApiTokenRegistration = {
  organizationId: string;
  ownerId: string;
  kind: 'private' | 'shared';
  name: string;
  note?: string | undefined;
  permissions: Scopes;
  addressRanges?: readonly string[] | undefined;
  expiresAt?: Date | undefined;
  /** Why an administrator should approve it, where they are asked. */
  approvalReason?: string | undefined;
  isApprovalNeeded?: boolean | undefined;
};

/** What can be changed of a token; what is absent stays, `null` takes the expiry away. */
export type ApiTokenChange = {
  name?: string;
  note?: string;
  permissions?: Scopes;
  addressRanges?: readonly string[];
  expiresAt?: Date | null;
  isDisabled?: boolean;
  disabledBy?: TokenDisabler;
  approval?: { isGranted: boolean; decidedBy: string };
};

/**
 * Adds a token without any text; `addValue` makes one. A permission that does not exist is left out. Whoever leaves the
 * organization at this very moment is refused.
 */
export async function addApiToken(
  db: Database,
  registration: ApiTokenRegistration,
): Promise<{ token: ApiToken } | { refusal: 'not_a_member' }> {
  return await db.transaction(async (tx) => {
    const [row] = await tx.query<{ id: string }>(sql`
      insert into api_tokens (
        organization_id, owner_id, kind, name, note, address_ranges, expires_at, approval, approval_reason
      )
      select
        organization_id, user_id, ${registration.kind}, ${registration.name}, ${registration.note ?? ''},
        ${networks(registration.addressRanges ?? [])}, ${registration.expiresAt}::timestamptz,
        ${registration.isApprovalNeeded ? 'requested' : undefined}, ${registration.approvalReason}
      from members
      where organization_id = ${registration.organizationId}::uuid and user_id = ${registration.ownerId}::uuid
      for key share
      returning id`);
    if (!row) return { refusal: 'not_a_member' };
    await tx.query(scopeInsertion(row.id, registration.permissions));
    return { token: (await findApiToken(tx, registration.organizationId, row.id)) as ApiToken };
  });
}

/** The token of an organization, dead or alive. */
export async function findApiToken(
  db: Database,
  organizationId: string,
  id: string,
): Promise<ApiToken | undefined> {
  const [row] = await db.query<ApiTokenRow>(sql`
    ${selection} where api_tokens.organization_id = ${organizationId}::uuid and api_tokens.id = ${id}::uuid`);
  return row && toApiToken(row);
}

/** Which tokens of an organization to list: all but for what is said. */
export type ApiTokenSelection = {
  ownerId?: string | undefined;
  kind?: ApiTokenKind | undefined;
  /** A part of the name, the note, or the owner's address, in any case. */
  search?: string | undefined;
  /** Only those that wait for approval. */
  isWaiting?: boolean | undefined;
};

/** A part of the tokens of an organization, the newest first. */
export async function listApiTokens(
  db: Database,
  organizationId: string,
  { ownerId, kind, search, isWaiting = false }: ApiTokenSelection = {},
  { after, limit = 100 }: Part = {},
): Promise<Placed<ApiToken>[]> {
  const rows = await db.query<Placed<ApiTokenRow>>(sql`
    ${selection}
    where api_tokens.organization_id = ${organizationId}::uuid
      and (${ownerId}::uuid is null or owner_id = ${ownerId}::uuid)
      and (${kind}::text is null or kind = ${kind})
      and (${search}::text is null or strpos(lower(concat_ws(' ', api_tokens.name, note, users.email)), lower(${search})) > 0)
      and (not ${isWaiting}::boolean or ${waiting})
      and ${made.behind(after)}
    order by ${made.order} limit ${limit}`);
  return rows.map((row) => ({ ...toApiToken(row), place: row.place }));
}

/** How many tokens of an organization wait for its approval. */
export async function countWaitingTokens(db: Database, organizationId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql`
    select count(*)::float8 as count from api_tokens
    where organization_id = ${organizationId}::uuid and ${waiting}`);
  return row?.count ?? 0;
}

/** Changes a token if `isExpected` says yes to what stands there now. */
export async function changeApiToken(
  db: Database,
  token: { organizationId: string; id: string },
  change: ApiTokenChange,
  isExpected: (before: ApiToken) => boolean = () => true,
): Promise<{ token: ApiToken } | { refusal: 'not_found' | 'unexpected' }> {
  const { organizationId, id } = token;
  return await db.transaction(async (tx) => {
    await tx.query(sql`select from api_tokens where id = ${id}::uuid for update`);
    const before = await findApiToken(tx, organizationId, id);
    if (!before) return { refusal: 'not_found' };
    if (!isExpected(before)) return { refusal: 'unexpected' };
    const { approval } = change;
    const isRefused = approval?.isGranted === false;
    const isDisabled = change.isDisabled ?? (before.disabledAt !== undefined || isRefused);
    await tx.query(sql`
      update api_tokens set
        name = ${change.name ?? before.name},
        note = ${change.note ?? before.note},
        address_ranges = ${networks(change.addressRanges ?? before.addressRanges)},
        expires_at = ${change.expiresAt === undefined ? before.expiresAt : change.expiresAt},
        disabled_at = case when ${isDisabled} then coalesce(disabled_at, now()) end,
        disabled_by = case when ${isDisabled} then ${greaterDisabler(change.disabledBy ?? (isRefused ? 'administrator' : undefined))} end,
        approval = ${approval ? (approval.isGranted ? 'approved' : 'refused') : before.approval},
        decided_by = coalesce(${approval?.decidedBy}::uuid, decided_by)
      where id = ${id}::uuid`);
    if (change.permissions) {
      await tx.query(sql`delete from api_token_scopes where token_id = ${id}::uuid`);
      await tx.query(scopeInsertion(id, change.permissions));
    }
    return { token: (await findApiToken(tx, organizationId, id)) as ApiToken };
  });
}

/** Removes a token with all its texts. False if there is no such one. */
export async function removeApiToken(db: Database, organizationId: string, id: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from api_tokens where organization_id = ${organizationId}::uuid and id = ${id}::uuid returning id`);
  return rows.length > 0;
}

/** Who has disabled a token of the row `api_tokens` once `by` has, too: nobody becomes it by pressing once more. */
export function greaterDisabler(by: TokenDisabler | undefined): Sql {
  return sql`
    case
      when disabled_by in ('administrator', 'operator') then disabled_by
      else coalesce(${by}::text, disabled_by)
    end`;
}

/** Each address or range in its normal form, and as a network: PostgreSQL refuses one with bits beyond its prefix. */
function networks(ranges: readonly string[]): Sql {
  const normal = ranges.map((text) => normalRange(text) ?? text);
  return sql`array(select network(text::inet) from unnest(${normal}::text[]) as range (text))`;
}

/** One that is removed at this very moment is left out: it would be taken from the token in the next. */
function scopeInsertion(id: string, permissions: Scopes): Sql {
  return sql`
    insert into api_token_scopes (token_id, resource, scope)
    select ${id}::uuid, known.resource, known.scope
    from ${scopeRows(permissions)} join resource_scopes as known using (resource, scope)
    for key share of known
    on conflict do nothing`;
}

/** What a token of the row `api_tokens` may do at this moment: its own, its owner's and the policy's scopes at once. */
export const presentPairs = sql`
  select resource, scope
  from member_permissions as owner
  where owner.organization_id = api_tokens.organization_id and owner.user_id = api_tokens.owner_id
    and (
      api_tokens.kind = 'legacy'
      or (resource, scope) in (select resource, scope from api_token_scopes where token_id = api_tokens.id)
    )
    and (
      not exists (
        select from token_policies as policy
        where policy.organization_id = api_tokens.organization_id and is_scope_limited
      )
      or (resource, scope) in (
        select resource, scope from token_policy_scopes as policy
        where policy.organization_id = api_tokens.organization_id
      )
    )`;

/** The same as one object. */
export const presentScopes = scopesObject(presentPairs);

const waiting = sql`
  (api_tokens.approval = 'requested' and api_tokens.disabled_at is null
    and (api_tokens.expires_at is null or api_tokens.expires_at > now()))`;

const made = newestFirst(sql`api_tokens.created_at`, sql`api_tokens.id`);

const selection = sql`
  select api_tokens.*, ${made.place}, previous.*, users.email as owner_email, address_ranges::text[] as ranges, host(last_used_address) as address,
    ${presentScopes} as present,
    ${scopesObject(sql`select resource, scope from api_token_scopes where token_id = api_tokens.id`)} as permissions
  from api_tokens join users on users.id = api_tokens.owner_id
    left join lateral (
      select value.expires_at as previous_ends_at, value.last_used_at as previous_used_at,
        host(value.last_used_address) as previous_address, value.last_used_agent as previous_agent
      from api_token_values as value
      where value.token_id = api_tokens.id and value.holder_id = api_tokens.owner_id and value.expires_at > now()
      order by value.created_at desc limit 1
    ) as previous on true`;

type ApiTokenRow = {
  id: string;
  organization_id: string;
  owner_id: string;
  owner_email: string;
  kind: ApiTokenKind;
  name: string;
  note: string;
  permissions: Scopes;
  present: Scopes;
  ranges: string[];
  approval: 'requested' | 'approved' | 'refused' | null;
  approval_reason: string | null;
  created_at: Date;
  expires_at: Date | null;
  disabled_at: Date | null;
  disabled_by: TokenDisabler | null;
  last_used_at: Date | null;
  address: string | null;
  last_used_agent: string | null;
  previous_ends_at: Date | null;
  previous_used_at: Date | null;
  previous_address: string | null;
  previous_agent: string | null;
};

function toApiToken(row: ApiTokenRow): ApiToken {
  const isLegacy = row.kind === 'legacy';
  return {
    id: row.id,
    organizationId: row.organization_id,
    ownerId: row.owner_id,
    ownerEmail: row.owner_email,
    kind: row.kind,
    name: row.name,
    note: row.note,
    permissions: row.permissions,
    present: isLegacy ? {} : row.present,
    addressRanges: row.ranges,
    approval: row.approval ?? undefined,
    approvalReason: row.approval_reason ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    disabledAt: row.disabled_at ?? undefined,
    disabledBy: row.disabled_by ?? undefined,
    lastUse: toLastUse(row.last_used_at, row.address, row.last_used_agent),
    previousValue: row.previous_ends_at
      ? {
          endsAt: row.previous_ends_at,
          lastUse: toLastUse(row.previous_used_at, row.previous_address, row.previous_agent),
        }
      : undefined,
  };
}

function toLastUse(at: Date | null, address: string | null, agent: string | null): LastUse | undefined {
  return at ? { at, address: address ?? '', agent: agent ?? '' } : undefined;
}
