-- Who has disabled a token: what an administrator or the operator has, its owner does not enable again. Nobody knows it of
-- tokens that were disabled before, and their owners enable them as ever.
alter table api_tokens
  add column disabled_by text check (disabled_by in ('owner', 'administrator', 'operator')),
  add check (disabled_by is null or disabled_at is not null);
