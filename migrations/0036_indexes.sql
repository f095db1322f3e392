-- What every server sweeps each minute.
create index api_token_values_expires_at on api_token_values (expires_at) where expires_at is not null;
create index invitations_ended on invitations (least(accepted_at, expires_at));

-- Lists of an organization's tokens, in their order, and how many wait.
create index api_tokens_organization on api_tokens (organization_id, id);
create index api_tokens_waiting on api_tokens (organization_id) where approval = 'requested' and disabled_at is null;

-- All of a person, in whichever organization, when their password changes.
create index api_tokens_owner_id on api_tokens (owner_id);
create index api_token_values_holder_id on api_token_values (holder_id);

-- What goes with an organization.
create index grants_organization on grants (organization_id) where organization_id is not null;
create index sessions_organization on sessions (organization_id) where organization_id is not null;

-- As before, but asked of the one member: a list of all those of identity providers takes a second where there are many.
create or replace view able_members as
  select members.organization_id, members.user_id
  from members join users on users.id = members.user_id
  where members.disabled_at is null and users.disabled_at is null
    and case
      when exists (
        select from identity_provider_members as own
        where own.organization_id = members.organization_id and own.user_id = members.user_id
      )
      then exists (
        select from identities join accepted_identity_providers as accepted using (provider_id)
        where identities.user_id = members.user_id and accepted.organization_id = members.organization_id
      )
      else users.password_hash is not null
        or exists (select from passkeys where passkeys.user_id = members.user_id)
        or exists (
          select from identities join identity_providers as provider on provider.id = identities.provider_id
          where identities.user_id = members.user_id and provider.disabled_at is null
            and coalesce(provider.organization_id, members.organization_id) = members.organization_id
        )
    end;
