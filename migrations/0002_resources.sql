-- Resource servers' APIs: the audiences of tokens (RFC 8707).
create table resources (
  uri text primary key check (uri ~ '^[a-z][a-z0-9+.-]*://?[^[:space:]#]+$' and length(uri) <= 500),
  name text not null check (name <> ''),
  access_token_seconds integer check (access_token_seconds between 1 and 31536000),
  created_at timestamptz not null default now()
);

-- What may be asked for at each, and what it means in words.
create table resource_scopes (
  resource text not null references resources on delete cascade,
  scope text not null check (scope ~ '^[!#-\[\]-~]{1,100}$' and scope not in ('offline_access', 'openid')),
  description text not null,
  primary key (resource, scope)
);
