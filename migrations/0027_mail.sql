-- Mail to be sent, written in the transaction of what it tells; and for some weeks, without its content, what became of it.
create table mails (
  id uuid primary key,
  kind text not null check (length(kind) between 1 and 50),
  recipient text not null check (length(recipient) between 3 and 254),
  -- Whose administrators may see what became of it.
  organization_id uuid references organizations on delete cascade,
  -- What it is about, for who takes it back before it is sent.
  topic text,
  -- What its words are made of; gone as soon as it was sent or given up.
  sealed bytea,
  created_at timestamptz not null default now(),
  -- When it is tried next. Who tries it moves this on first, so that nobody else does meanwhile.
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  sent_at timestamptz,
  failed_at timestamptz,
  -- What the mail server said the last time.
  failure text check (length(failure) <= 300),
  check (sent_at is null or failed_at is null),
  check ((sealed is null) = (sent_at is not null or failed_at is not null))
);
create index mails_due_at on mails (due_at) where sealed is not null;
create index mails_topic on mails (topic) where sealed is not null;
create index mails_organization_id on mails (organization_id, id) where organization_id is not null;
create index mails_created_at on mails (created_at);

-- The last notice that the owner of a token got of its end, or needs no more: so many days before which end.
create table token_expiry_notices (
  token_id uuid primary key references api_tokens on delete cascade,
  expires_at timestamptz not null,
  days integer not null
);
