-- Clients that prove themselves with a key of their own (RFC 7523): registered, or fetched from where they publish it.
alter table clients
  drop constraint clients_authentication_check,
  add constraint clients_authentication_check check (
    authentication in ('client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none')
  ),
  add column jwks json,
  add column jwks_uri text check (length(jwks_uri) <= 1000),
  add constraint clients_keys check (
    (authentication = 'private_key_jwt') = (jwks is not null or jwks_uri is not null)
      and not (jwks is not null and jwks_uri is not null)
  );
