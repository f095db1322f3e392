-- Who can sign in so that it counts in an organization: the one place where the rule stands.
create view able_members as
  select members.organization_id, members.user_id
  from members join users on users.id = members.user_id
  where members.disabled_at is null and users.disabled_at is null
    and case
      when (members.organization_id, members.user_id) in (
        select organization_id, user_id from identity_provider_members)
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

-- The administrators who can do so and change members: who is left with none is locked out.
create view able_administrators as
  select able_members.organization_id, able_members.user_id
  from able_members
    join members using (organization_id, user_id)
    join member_entitlements as own using (organization_id, user_id)
    join resources on resources.uri = own.resource and resources.is_own
  where members.role = 'administrator' and own.scope = 'members:write';
