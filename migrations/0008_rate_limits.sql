-- Failures counted by all servers together. Lost on a crash, on purpose: never on the durable path.
create unlogged table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index rate_limits_expire on rate_limits (expire);
