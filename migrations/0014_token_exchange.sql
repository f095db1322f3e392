-- Token exchange (RFC 8693): which tokens a client may exchange for which, by the APIs they are for.
alter table clients
  drop constraint clients_grant_types_check,
  add constraint clients_grant_types_check check (
    grant_types <@ array[
      'client_credentials', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:token-exchange'
    ]
  ),
  drop constraint clients_confidential,
  add constraint clients_confidential check (
    authentication <> 'none'
      or not grant_types && array['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange']
  );

create table client_exchanges (
  client_id text not null references clients on delete cascade,
  subject_resource text not null references resources on delete cascade,
  resource text not null references resources on delete cascade,
  primary key (client_id, subject_resource, resource)
);
