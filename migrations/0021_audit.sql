-- What has happened. Each chain (one for each organization, and the server's own under the id of zeros) counts its events
-- without a gap; each event has a MAC over itself and the one before it. None of these keys is in the database in clear.
create table audit_keys (
  id smallint primary key default 1 check (id = 1),
  -- Under the master secret.
  sealed bytea not null,
  created_at timestamptz not null default now()
);

-- The two ends of each chain, under a seal of their own: the last event, and the one before the first that is still kept.
create table audit_chains (
  id uuid primary key,
  -- Without a gap too, so that no whole chain can go.
  number integer not null unique check (number >= 0),
  -- Of the server's chain: how many others there are.
  others integer not null default 0 check (others >= 0),
  sequence bigint not null,
  mac bytea not null check (length(mac) = 32),
  at timestamptz not null default now(),
  anchor_sequence bigint not null default 0 check (anchor_sequence >= 0),
  anchor_mac bytea not null check (length(anchor_mac) = 32),
  seal bytea not null check (length(seal) = 32),
  check (anchor_sequence <= sequence)
);

-- No foreign keys: what happened stays so, whatever becomes of those whom it happened to.
create table audit_events (
  chain_id uuid not null,
  sequence bigint not null check (sequence > 0),
  at timestamptz not null,
  action text not null,
  outcome text not null check (outcome in ('success', 'refused')),
  reason text,
  actor_kind text not null,
  actor_id text,
  actor_name text,
  -- What the actor acted with: an API token, or a program that they have signed in.
  actor_via text,
  target_kind text,
  target_id text,
  target_name text,
  address text,
  agent text,
  request_id text,
  -- json, not jsonb: the MAC is over the text as it was written.
  details json not null,
  mac bytea not null check (length(mac) = 32),
  primary key (chain_id, sequence, at)
) partition by range (at);
