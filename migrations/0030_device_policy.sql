-- What a client's device codes demand of who approves them (RFC 8628 section 5.4), besides that they are typed.
alter table clients
  add column number_matching boolean not null default false,
  add column same_network boolean not null default false,
  add column step_up_scopes text[] not null default '{}';

-- The network that a device asks from, so that all its live codes are found together; and the wrong numbers of its person.
alter table device_codes
  add column network text,
  add column wrong_numbers integer not null default 0;
create index device_codes_network on device_codes (network) where network is not null and decided_at is null;

-- Where a grant was allowed, where its device asked from, and when and where it was used last (a little late).
alter table grants
  add column approved_address inet,
  add column device_address inet,
  add column device_agent text check (length(device_agent) <= 500),
  add column last_used_at timestamptz,
  add column last_used_address inet;

-- Which programs a person has allowed at least once, whatever became of it.
create table known_clients (
  user_id uuid not null references users on delete cascade,
  client_id text not null references clients on delete cascade,
  first_allowed_at timestamptz not null default now(),
  primary key (user_id, client_id)
);
create index known_clients_client_id on known_clients (client_id);
insert into known_clients (user_id, client_id, first_allowed_at)
select users.id, clients.id, min(grants.created_at)
from grants
  join users on users.id::text = grants.account_id
  join clients on clients.id = grants.client_id and clients.created_at <= grants.created_at
group by users.id, clients.id;
