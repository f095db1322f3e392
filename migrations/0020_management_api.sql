-- Answers that can be had again with the same Idempotency-Key, sealed under that key and the caller's credential.
create table idempotent_requests (
  digest bytea primary key check (length(digest) = 32),
  request bytea not null check (length(request) = 32),
  answer bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index idempotent_requests_expires_at on idempotent_requests (expires_at);
