-- Tokens that the engine issued. Named by the digest of their text; the issue time in that text tells the partition.
-- No foreign keys: a row says what was issued, and is judged against the living rows when it is read.
create table access_tokens (
  digest bytea not null check (length(digest) = 32),
  issued_at timestamptz not null,
  -- By the database's clock; a token that is older than its client belonged to another of the same name.
  stored_at timestamptz not null default now(),
  model text not null,
  client_id text,
  grant_id text,
  -- json, not jsonb: kept as it came, whatever a caller put into its parameters.
  payload json not null,
  expires_at timestamptz,
  consumed_at timestamptz,
  revoked_at timestamptz,
  primary key (digest, issued_at)
) partition by range (issued_at);
create index access_tokens_grant_id on access_tokens (grant_id) where grant_id is not null;

create table refresh_tokens (
  digest bytea not null check (length(digest) = 32),
  issued_at timestamptz not null,
  stored_at timestamptz not null default now(),
  model text not null,
  client_id text,
  grant_id text,
  payload json not null,
  expires_at timestamptz,
  consumed_at timestamptz,
  revoked_at timestamptz,
  -- The answer that its redemption gave, sealed under the token's own text.
  response bytea,
  primary key (digest, issued_at)
) partition by range (issued_at);
create index refresh_tokens_grant_id on refresh_tokens (grant_id) where grant_id is not null;
