-- How often each thing has happened on each day (in UTC): what is drawn must not count a million events. No proof of
-- anything, as the events are. A sign-in belongs to no organization: the subject is the person whom an event is about.
create table audit_days (
  chain_id uuid not null,
  subject text not null default '',
  day date not null,
  action text not null,
  times bigint not null check (times > 0),
  primary key (chain_id, subject, day, action)
);
create index audit_days_day on audit_days (day);
insert into audit_days (chain_id, subject, day, action, times)
  select chain_id, case when target_kind = 'user' then coalesce(target_id, '') else '' end,
    (at at time zone 'utc')::date, action, sum(coalesce(substring(details::text from '"times":(\d+)')::bigint, 1))
  from audit_events where at > now() - interval '30 days'
  group by 1, 2, 3, 4;
