-- People who sign in. The id is the `sub` of their tokens.
create table users (
  id uuid primary key default gen_random_uuid(),
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  password_hash text,
  created_at timestamptz not null default now(),
  password_changed_at timestamptz,
  disabled_at timestamptz,
  constraint users_email_key unique (email)
);

-- Sessions in the browser. The cookie's value is held as a digest only.
create table sessions (
  id_digest bytea primary key check (length(id_digest) = 32),
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  authenticated_at timestamptz not null default now(),
  expires_at timestamptz not null,
  amr text[] not null,
  check (expires_at > created_at)
);
create index sessions_user_id on sessions (user_id);
create index sessions_expires_at on sessions (expires_at);
