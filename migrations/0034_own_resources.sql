-- The server's own API is kept up to date at each start; what operators have registered never is. Until now nothing but its
-- scopes had roles.
alter table resources add column is_own boolean not null default false;
update resources set is_own = true
  where exists (select from resource_scopes where resource = uri and role <> 'member');
