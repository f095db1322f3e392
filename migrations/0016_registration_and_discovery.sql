-- Whether the server's own metadata names the resource to anybody who asks (RFC 9728 section 4).
alter table resources add column listed boolean not null default false;

-- Whoever holds one may register clients (RFC 7591 section 3), of the kind that its policy describes.
create table initial_access_tokens (
  name text primary key check (name ~ '^[!-~]{1,100}$'),
  digest bytea not null unique check (length(digest) = 32),
  policy json not null,
  -- Null: as often as its holder likes.
  uses_left integer check (uses_left >= 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz
);

-- Clients that registered themselves, and with what they manage that (RFC 7592). The policy is a copy: an update is held
-- to it, whatever has become of the initial access token, which is here by name only.
create table client_registrations (
  client_id text primary key references clients on delete cascade,
  initial_access_token text not null,
  policy json not null,
  -- What the client says about itself and nothing depends on.
  about json not null,
  token_digest bytea not null check (length(token_digest) = 32),
  -- Its successor, until that is used for the first time; sealed under the text of the token before it.
  next_token_digest bytea check (length(next_token_digest) = 32),
  sealed_next_token bytea,
  check ((next_token_digest is null) = (sealed_next_token is null))
);
