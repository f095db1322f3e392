-- What each member may do while neither they nor their membership is disabled: the one place where the rule stands.
create view member_entitlements as
  select members.organization_id, members.user_id, resource_scopes.resource, resource_scopes.scope
  from members
    cross join resource_scopes
    left join member_scopes using (organization_id, user_id, resource, scope)
  where coalesce(
    member_scopes.is_given,
    resource_scopes.role = 'member' or resource_scopes.role = members.role
  );

-- What they may do at this moment.
create or replace view member_permissions as
  select member_entitlements.*
  from member_entitlements
    join members using (organization_id, user_id)
    join users on users.id = members.user_id
  where members.disabled_at is null and users.disabled_at is null;

-- When a client has authenticated last; written in batches, a little late.
alter table clients add column last_used_at timestamptz;
