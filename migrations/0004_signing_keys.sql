-- Private keys are sealed under a key derived from the master secret.
create table signing_keys (
  kid text primary key,
  algorithm text not null check (algorithm in ('ES256')),
  public_jwk jsonb not null,
  sealed_private_jwk bytea not null,
  created_at timestamptz not null default now()
);
