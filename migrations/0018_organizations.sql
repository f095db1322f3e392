-- Companies whose people work together.
create table organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name ~ '\S' and length(name) <= 100),
  created_at timestamptz not null default now()
);

-- The people in them. One person may be in several.
create table members (
  organization_id uuid not null references organizations on delete cascade,
  user_id uuid not null references users on delete cascade,
  role text not null check (role in ('administrator', 'member')),
  joined_at timestamptz not null default now(),
  disabled_at timestamptz,
  -- Signs in at the organization's identity provider only; has no legacy tokens.
  requires_identity_provider boolean not null default false,
  primary key (organization_id, user_id)
);
create index members_user_id on members (user_id);

-- The least role that has a scope without being given it; what is the operator's, no role has.
alter table resource_scopes
  add column role text not null default 'member' check (role in ('operator', 'administrator', 'member'));

-- Where an administrator has given a member a scope that the role lacks, or taken one that it has.
create table member_scopes (
  organization_id uuid not null,
  user_id uuid not null,
  resource text not null,
  scope text not null,
  is_given boolean not null,
  primary key (organization_id, user_id, resource, scope),
  foreign key (organization_id, user_id) references members on delete cascade,
  foreign key (resource, scope) references resource_scopes on delete cascade
);

-- What each member may do at this moment: the one place where the rule stands.
create view member_permissions as
  select members.organization_id, members.user_id, resource_scopes.resource, resource_scopes.scope
  from members
    join users on users.id = members.user_id
    cross join resource_scopes
    left join member_scopes using (organization_id, user_id, resource, scope)
  where members.disabled_at is null and users.disabled_at is null
    and coalesce(
      member_scopes.is_given,
      resource_scopes.role = 'member' or resource_scopes.role = members.role
    );

-- Single-use links into an organization.
create table invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations on delete cascade,
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  role text not null check (role in ('administrator', 'member')),
  digest bytea not null unique check (length(digest) = 32),
  invited_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz
);
create unique index invitations_open on invitations (organization_id, email) where accepted_at is null;

-- The organization that a client belongs to; the operator's own belong to none.
alter table clients add column organization_id uuid references organizations on delete cascade;
create index clients_organization_id on clients (organization_id, id) where organization_id is not null;

-- The organization that a browser's session acts in, and the one that an approval was given in.
alter table sessions
  add column organization_id uuid references organizations on delete set null,
  add column address inet,
  add column agent text check (length(agent) <= 200);
alter table grants add column organization_id uuid references organizations on delete cascade;
