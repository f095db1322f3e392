-- What is about people, and belongs to no organization, is counted in each that they belong to when it happens: adding up
-- the sign-ins of a month over thousands of members took seconds. Filled again from the events themselves.
drop table audit_days;
create table audit_days (
  chain_id uuid not null,
  -- From the server's chain. Whoever appends to a chain writes rows of its own, so that nobody waits in a circle.
  is_about_members boolean not null,
  day date not null,
  action text not null,
  times bigint not null check (times > 0),
  primary key (chain_id, is_about_members, day, action)
);
create index audit_days_day on audit_days (day);
insert into audit_days (chain_id, is_about_members, day, action, times)
  select coalesce(members.organization_id, chain_id), members.organization_id is not null,
    (at at time zone 'utc')::date, action, sum(coalesce(substring(details::text from '"times":(\d+)')::bigint, 1))
  from audit_events
    left join members on chain_id = '00000000-0000-0000-0000-000000000000' and target_kind = 'user'
      and members.user_id::text = target_id
  where at > now() - interval '30 days'
  group by 1, 2, 3, 4;
