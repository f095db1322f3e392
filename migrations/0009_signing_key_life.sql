-- The life of a signing key: pending (published, signs nothing yet), active, retiring (published, signs nothing any
-- more), retired; or revoked, which ends all of these at once. By the database's clock.
alter table signing_keys
  drop constraint signing_keys_algorithm_check,
  add constraint signing_keys_algorithm check (algorithm in ('ES256', 'EdDSA', 'RS256')),
  add column activated_at timestamptz,
  add column retired_at timestamptz,
  add column revoked_at timestamptz,
  -- Nothing that it has signed expires later.
  add column needed_until timestamptz not null default now(),
  -- Names the master secret that its private half is sealed under; unknown for those sealed before it was written down.
  add column sealed_by text,
  alter column sealed_private_jwk drop not null;

update signing_keys set activated_at = created_at, needed_until = created_at;

alter table signing_keys
  add constraint signing_keys_order check (retired_at is null or activated_at is not null),
  -- What signs no more has no private half that could be stolen.
  add constraint signing_keys_private check (
    (sealed_private_jwk is null) = (retired_at is not null or revoked_at is not null)
  );

create unique index signing_keys_one_pending on signing_keys (algorithm)
  where activated_at is null and revoked_at is null;
create unique index signing_keys_one_active on signing_keys (algorithm)
  where activated_at is not null and retired_at is null and revoked_at is null;
