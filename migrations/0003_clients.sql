-- Programs that ask for tokens (RFC 6749 section 2).
create table clients (
  -- Never shaped like a uuid: a machine's `sub` must not look like a person's (RFC 9068 section 5).
  id text primary key check (
    id ~ '^[!-9;-~]{1,100}$' and id !~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
  ),
  name text not null check (length(name) between 1 and 100),
  publisher text check (length(publisher) between 1 and 100),
  authentication text not null check (authentication in ('client_secret_basic', 'client_secret_post', 'none')),
  grant_types text[] not null check (
    grant_types <@ array['client_credentials', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']
  ),
  default_resource text references resources,
  access_token_seconds integer check (access_token_seconds between 1 and 31536000),
  refresh_token_seconds integer check (refresh_token_seconds between 60 and 31536000),
  device_code_seconds integer check (device_code_seconds between 60 and 3600),
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  -- RFC 6749 section 4.4: client credentials are for confidential clients only.
  constraint clients_confidential check (authentication <> 'none' or not 'client_credentials' = any (grant_types))
);

-- At most two live at a time, each with its own end.
create table client_secrets (
  id uuid primary key default gen_random_uuid(),
  client_id text not null references clients on delete cascade,
  digest bytea not null check (length(digest) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index client_secrets_client_id on client_secrets (client_id);

-- What a client may ask for, per resource.
create table client_scopes (
  client_id text not null references clients on delete cascade,
  resource text not null,
  scope text not null,
  primary key (client_id, resource, scope),
  foreign key (resource, scope) references resource_scopes on delete cascade
);

-- The resources that a client serves: tokens for them it may introspect (RFC 7662 section 4).
create table client_audiences (
  client_id text not null references clients on delete cascade,
  resource text not null references resources on delete cascade,
  primary key (client_id, resource)
);
