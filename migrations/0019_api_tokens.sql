-- Long-lived tokens that people make for their own programs (private), or administrators for everybody (shared), and
-- credentials of an earlier system (legacy).
create table api_tokens (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  owner_id uuid not null,
  kind text not null check (kind in ('private', 'shared', 'legacy')),
  name text not null check (name ~ '\S' and length(name) <= 100),
  note text not null default '' check (length(note) <= 1000),
  -- Where it may be used from; anywhere if empty.
  address_ranges cidr[] not null default '{}' check (cardinality(address_ranges) <= 100),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  disabled_at timestamptz,
  -- Where the organization's policy asks an administrator first.
  approval text check (approval in ('requested', 'approved', 'refused')),
  approval_reason text check (length(approval_reason) <= 1000),
  decided_by uuid references users on delete set null,
  -- What a legacy credential is presented with, beside its secret.
  legacy_id uuid unique check ((legacy_id is not null) = (kind = 'legacy')),
  last_used_at timestamptz,
  last_used_address inet,
  last_used_agent text check (length(last_used_agent) <= 200),
  foreign key (organization_id, owner_id) references members on delete cascade
);
create index api_tokens_owner on api_tokens (organization_id, owner_id, id);
create index api_tokens_ended on api_tokens (least(disabled_at, expires_at))
  where disabled_at is not null or expires_at is not null;

-- The texts that present a token. Two while it is rotated; of a shared token, each member has texts of their own.
create table api_token_values (
  digest bytea primary key check (length(digest) = 32),
  token_id uuid not null references api_tokens on delete cascade,
  holder_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index api_token_values_token_id on api_token_values (token_id, holder_id);

-- What the token may do, as far as its owner may at that moment. A legacy token may do all that its owner may.
create table api_token_scopes (
  token_id uuid not null references api_tokens on delete cascade,
  resource text not null,
  scope text not null,
  primary key (token_id, resource, scope),
  foreign key (resource, scope) references resource_scopes on delete cascade
);

-- What an organization demands of its tokens.
create table token_policies (
  organization_id uuid primary key references organizations on delete cascade,
  longest_lifetime_seconds integer check (longest_lifetime_seconds between 60 and 315360000),
  is_expiry_required boolean not null default false,
  is_approval_required boolean not null default false,
  -- Whether only the scopes below may be in a token.
  is_scope_limited boolean not null default false
);
create table token_policy_scopes (
  organization_id uuid not null references token_policies on delete cascade,
  resource text not null,
  scope text not null,
  primary key (organization_id, resource, scope),
  foreign key (resource, scope) references resource_scopes on delete cascade
);
