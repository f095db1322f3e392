-- Device codes (RFC 8628). State only moves forward: pending, decided, consumed.
create table device_codes (
  digest bytea primary key check (length(digest) = 32),
  -- Only while the code can still be entered: two live codes never share one.
  user_code bytea check (length(user_code) = 32),
  grant_id text,
  payload json not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  opened_by text,
  decided_at timestamptz,
  consumed_at timestamptz,
  response bytea,
  response_lost_at timestamptz,
  interval_seconds integer not null default 5,
  last_polled_at timestamptz,
  last_poll uuid
);
create unique index device_codes_user_code on device_codes (user_code) where user_code is not null;
create index device_codes_grant_id on device_codes (grant_id) where grant_id is not null;
create index device_codes_expires_at on device_codes (expires_at);
