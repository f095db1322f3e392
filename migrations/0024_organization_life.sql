-- An organization may be disabled as a whole: then nothing of it counts, and everything does again when it is enabled.
alter table organizations add column disabled_at timestamptz;

-- The memberships that count: neither they nor their organization is disabled. Their people are judged where people are.
create view live_memberships as
  select members.organization_id, members.user_id, members.role, members.joined_at, members.requires_identity_provider
  from members
    join organizations on organizations.id = members.organization_id
  where members.disabled_at is null and organizations.disabled_at is null;

create or replace view member_permissions as
  select member_entitlements.*
  from member_entitlements
    join live_memberships using (organization_id, user_id)
    join users on users.id = user_id
  where users.disabled_at is null;

-- The clients that may act: neither they nor the organization that they belong to is disabled.
create view live_clients as
  select clients.id
  from clients
    left join organizations on organizations.id = clients.organization_id
  where clients.disabled_at is null and organizations.disabled_at is null;
