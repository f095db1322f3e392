-- OpenID providers that people may sign in at. One that belongs to an organization lets people into that one alone.
create table identity_providers (
  id text primary key check (id ~ '^[a-z][a-z0-9-]{0,39}$'),
  name text not null check (name ~ '\S' and length(name) <= 100),
  issuer text not null check (issuer ~ '^https?://[^[:space:]?#]+$' and length(issuer) <= 500),
  client_id text not null check (client_id ~ '\S' and length(client_id) <= 500),
  -- Under the master secret; a public client has none.
  sealed_secret bytea,
  scopes text[] not null check ('openid' = any (scopes)),
  -- Whether its word about an address is enough to sign in as who has that address here already.
  links_verified_email boolean not null default false,
  organization_id uuid references organizations on delete cascade,
  -- What people of its domains become in the organization.
  role text not null default 'member' check (role in ('administrator', 'member')),
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);
create index identity_providers_organization_id on identity_providers (organization_id);

-- Whose addresses it speaks for: people of these domains get an account at their first sign-in. A domain is one provider's.
create table identity_provider_domains (
  domain text primary key check (domain ~ '^[^[:space:]@]+$' and domain = lower(domain) and length(domain) <= 253),
  provider_id text not null references identity_providers on delete cascade
);
create index identity_provider_domains_provider_id on identity_provider_domains (provider_id);

-- Who somebody at a provider is here.
create table identities (
  provider_id text not null references identity_providers on delete cascade,
  subject text not null check (length(subject) between 1 and 255),
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  primary key (provider_id, subject),
  unique (provider_id, user_id)
);
create index identities_user_id on identities (user_id);

-- Answers of providers that have been taken: none counts twice.
create table spent_states (
  digest bytea primary key check (length(digest) = 32),
  expires_at timestamptz not null
);
create index spent_states_expires_at on spent_states (expires_at);

-- Where a browser's person has signed in, and what was said there of how; and whose sign-in a grant was given with.
alter table sessions
  add column identity_provider text references identity_providers on delete cascade,
  add column identity_provider_acr text check (length(identity_provider_acr) <= 200);
create index sessions_identity_provider on sessions (identity_provider) where identity_provider is not null;
alter table grants add column identity_provider text references identity_providers on delete set null;
create index grants_identity_provider on grants (identity_provider) where identity_provider is not null;

-- Whether nobody acts in it who has signed in otherwise.
alter table organizations add column requires_identity_provider boolean not null default false;

-- Who must sign in at a provider to act in an organization: the one place where the rule stands.
create view identity_provider_members as
  select members.organization_id, members.user_id
  from members join organizations on organizations.id = members.organization_id
  where members.requires_identity_provider or organizations.requires_identity_provider;

-- Whose sign-ins count then: those of its own providers; where it has none, those of the operator's.
create view accepted_identity_providers as
  select organizations.id as organization_id, identity_providers.id as provider_id
  from organizations
    join identity_providers on identity_providers.disabled_at is null
      and case
        when exists (select from identity_providers as own where own.organization_id = organizations.id)
        then identity_providers.organization_id = organizations.id
        else identity_providers.organization_id is null
      end;
