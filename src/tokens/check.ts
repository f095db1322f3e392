import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import type { Scopes } from '../scopes.ts';
import { sha256, type TokenFormat } from '../secret.ts';
import { type ApiTokenKind, presentScopes } from './api-token.ts';

/** A token that may be used now, by its holder, for what its owner may do at this moment. */
export type LiveApiToken = {
  id: string;
  /** Names the text that was presented, and tells nothing of it. */
  valueId: string;
  organizationId: string;
  ownerId: string;
  holderId: string;
  holderEmail: string;
  kind: ApiTokenKind;
  permissions: Scopes;
  createdAt: Date;
  /** The first end of the token's and of this text's. */
  expiresAt: Date | undefined;
};

/**
 * The token behind a digest, if it, its organization, its owner, its holder and their memberships live and it may be used from this address;
 * one round trip. Whoever does not know the address finds only tokens that may be used from anywhere.
 */
export async function findLiveApiToken(
  db: Database,
  digest: Buffer,
  address: string | undefined,
): Promise<LiveApiToken | undefined> {
  const [row] = await db.query<LiveRow>(liveTokens(sql`value.digest = ${digest}`, address));
  return row && toLiveApiToken(row);
}

/** The live tokens behind these texts, by `valueId`, as far as they may be used from anywhere; one round trip. */
export async function findLiveApiTokens(
  db: Database,
  valueIds: readonly string[],
): Promise<Map<string, LiveApiToken>> {
  const rows = await db.query<LiveRow>(liveTokens(sql`value.id = any(${valueIds}::uuid[])`, undefined));
  return new Map(rows.map((row) => [row.value_id, toLiveApiToken(row)]));
}

/** Whether a token of the row `api_tokens` works for those who hold it, as far as they and its owner live. */
export const worksNow = sql`(
  (api_tokens.expires_at is null or api_tokens.expires_at > now())
  and api_tokens.disabled_at is null
  and coalesce(api_tokens.approval, 'approved') = 'approved'
  and (
    api_tokens.kind <> 'legacy' or not exists (
      select from identity_provider_members as federated
      where federated.organization_id = api_tokens.organization_id and federated.user_id = api_tokens.owner_id
    )
  )
)`;

function liveTokens(where: Sql, address: string | undefined): Sql {
  return sql`
    select api_tokens.id, api_tokens.organization_id, api_tokens.owner_id, api_tokens.kind, api_tokens.created_at,
      value.id as value_id, value.holder_id, holder_user.email as holder_email,
      least(api_tokens.expires_at, value.expires_at) as expires_at,
      ${presentScopes} as permissions
    from api_token_values as value
      join api_tokens on api_tokens.id = value.token_id
      join live_memberships as owner
        on owner.organization_id = api_tokens.organization_id and owner.user_id = api_tokens.owner_id
      join users as owner_user on owner_user.id = owner.user_id
      join live_memberships as holder
        on holder.organization_id = api_tokens.organization_id and holder.user_id = value.holder_id
      join users as holder_user on holder_user.id = holder.user_id
    where ${where}
      and (value.expires_at is null or value.expires_at > now())
      and ${worksNow}
      and owner_user.disabled_at is null and holder_user.disabled_at is null
      and (cardinality(address_ranges) = 0 or ${address}::inet <<= any (address_ranges))`;
}

/**
 * What the text of a token is looked up by: one of ours, or what an earlier system has given out as `uuid:secret`.
 * `undefined` for a text that can be neither.
 */
export function textDigest(text: string, format: TokenFormat): Buffer | undefined {
  if (format.parse(text)?.kind === 'api') return valueDigest(text);
  const [, id, secret] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(.*)$/is.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : legacyDigest(id, sha256(secret));
}

/** What an ordinary token is looked up by. */
export function valueDigest(text: string): Buffer {
  return sha256(text);
}

/** What a legacy token is looked up by: neither its id nor its secret alone finds anything. */
export function legacyDigest(id: string, secretDigest: Uint8Array): Buffer {
  return sha256(`legacy ${id.toLowerCase()} ${Buffer.from(secretDigest).toString('hex')}`);
}

type LiveRow = {
  id: string;
  value_id: string;
  organization_id: string;
  owner_id: string;
  holder_id: string;
  holder_email: string;
  kind: ApiTokenKind;
  permissions: Scopes;
  created_at: Date;
  expires_at: Date | null;
};

function toLiveApiToken(row: LiveRow): LiveApiToken {
  return {
    id: row.id,
    valueId: row.value_id,
    organizationId: row.organization_id,
    ownerId: row.owner_id,
    holderId: row.holder_id,
    holderEmail: row.holder_email,
    kind: row.kind,
    permissions: row.permissions,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
  };
}
