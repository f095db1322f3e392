-- Passkeys (WebAuthn): with one a person signs in without a password, or proves a second factor beside it.
create table passkeys (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  credential_id bytea not null check (length(credential_id) between 1 and 1023),
  -- COSE.
  public_key bytea not null,
  -- What the authenticator has counted to; 0 for ever where it does not count.
  counter bigint not null check (counter >= 0),
  transports text[] not null,
  name text not null check (name ~ '\S' and length(name) <= 100),
  -- Whether its key can be on several devices, and whether it is.
  is_syncable boolean not null,
  is_backed_up boolean not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  constraint passkeys_credential_id_key unique (credential_id)
);
create index passkeys_user_id on passkeys (user_id);

-- Secrets of one-time codes (RFC 6238), under the master secret of the name `sealed_by`.
create table totp_secrets (
  user_id uuid primary key references users on delete cascade,
  sealed bytea not null,
  sealed_by text not null,
  -- The newest time step whose code was used: each code is good once, and none that is older.
  used_step bigint not null,
  created_at timestamptz not null default now()
);

-- What lets somebody in whose second factor is lost: each once.
create table recovery_codes (
  user_id uuid not null references users on delete cascade,
  digest bytea not null check (length(digest) = 32),
  created_at timestamptz not null default now(),
  primary key (user_id, digest)
);

-- Challenges that a passkey has answered, until they would have ended anyway.
create table spent_challenges (
  digest bytea primary key check (length(digest) = 32),
  expires_at timestamptz not null
);
create index spent_challenges_expires_at on spent_challenges (expires_at);

-- When a session's person has last proven a second factor.
alter table sessions add column second_factor_at timestamptz;
