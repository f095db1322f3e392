-- Lists are in the order in which their items came, the newest first. Each has its index, in place of that by random ids.
drop index api_tokens_organization;
drop index api_tokens_owner;
drop index api_tokens_waiting;
create index api_tokens_organization on api_tokens (organization_id, created_at, id);
create index api_tokens_owner on api_tokens (organization_id, owner_id, created_at, id);
create index api_tokens_waiting on api_tokens (organization_id, created_at, id)
  where approval = 'requested' and disabled_at is null;
create index api_tokens_shared on api_tokens (organization_id, created_at, id) where kind = 'shared';

drop index clients_organization_id;
create index clients_organization_id on clients (organization_id, created_at, id) where organization_id is not null;
create index clients_created_at on clients (created_at, id);

create index members_joined_at on members (organization_id, joined_at, user_id);
create index invitations_created_at on invitations (organization_id, created_at, id) where accepted_at is null;
create index organizations_created_at on organizations (created_at, id);

drop index mails_organization_id;
drop index mails_created_at;
create index mails_organization_id on mails (organization_id, created_at, id) where organization_id is not null;
create index mails_created_at on mails (created_at, id);
