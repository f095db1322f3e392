-- What access tokens for a resource are: opaque, or JWTs (RFC 9068) signed with one algorithm.
alter table resources
  add column access_token_format text not null default 'opaque' check (access_token_format in ('opaque', 'jwt')),
  add column access_token_algorithm text not null default 'ES256' check (access_token_algorithm in ('ES256', 'EdDSA', 'RS256'));

-- JWTs are not stored; those that were revoked are, until they would have expired.
create table revoked_tokens (
  digest bytea not null check (length(digest) = 32),
  expires_at timestamptz not null,
  revoked_at timestamptz not null default now(),
  primary key (digest, expires_at)
) partition by range (expires_at);
