-- What is got in exchange for a token names the text that it was got for; a digest would let others try guesses at a
-- secret of an earlier system.
alter table api_token_values add column id uuid not null unique default gen_random_uuid();

-- A member's texts end with the membership, so that who comes back begins anew.
alter table api_tokens add unique (id, organization_id);
alter table api_token_values add column organization_id uuid;
update api_token_values set organization_id = api_tokens.organization_id
  from api_tokens where api_tokens.id = token_id;
delete from api_token_values
  where (organization_id, holder_id) not in (select organization_id, user_id from members);
alter table api_token_values
  alter column organization_id set not null,
  drop constraint api_token_values_token_id_fkey,
  drop constraint api_token_values_holder_id_fkey,
  add foreign key (token_id, organization_id) references api_tokens (id, organization_id) on delete cascade,
  add foreign key (organization_id, holder_id) references members on delete cascade;
create index api_token_values_holder on api_token_values (organization_id, holder_id);
