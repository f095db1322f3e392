-- What a person allowed a client: one row for each approval. Its end is the end of every token under it.
create table grants (
  id_digest bytea primary key check (length(id_digest) = 32),
  account_id text,
  client_id text,
  payload json not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index grants_account_id on grants (account_id);
create index grants_client_id on grants (client_id);
create index grants_expires_at on grants (expires_at);

-- Every other model of the engine, sealed under the id that its holder presents (and under the uid, where it has one).
create table records (
  model text not null,
  id_digest bytea not null check (length(id_digest) = 32),
  sealed bytea not null,
  uid_digest bytea check (length(uid_digest) = 32),
  sealed_for_uid bytea,
  user_code bytea check (length(user_code) = 32),
  grant_digest bytea check (length(grant_digest) = 32),
  consumed_at timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  primary key (model, id_digest)
);
create index records_uid_digest on records (uid_digest) where uid_digest is not null;
create index records_grant_digest on records (grant_digest) where grant_digest is not null;
create index records_expires_at on records (expires_at) where expires_at is not null;
