-- Clients that authenticate with a certificate, and tokens that are bound to one (RFC 8705).
alter table clients
  drop constraint clients_authentication_check,
  add constraint clients_authentication_check check (
    authentication in (
      'client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth',
      'self_signed_tls_client_auth', 'none'
    )
  ),
  drop constraint clients_keys,
  add constraint clients_keys check (
    (authentication in ('private_key_jwt', 'self_signed_tls_client_auth')) = (jwks is not null or jwks_uri is not null)
      and not (jwks is not null and jwks_uri is not null)
  ),
  -- What a certificate must name, and which of its fields that is: the name of the field in RFC 8705 section 2.1.2.
  add column certificate_field text check (
    certificate_field in (
      'tls_client_auth_subject_dn', 'tls_client_auth_san_dns', 'tls_client_auth_san_uri', 'tls_client_auth_san_ip',
      'tls_client_auth_san_email'
    )
  ),
  add column certificate_subject text check (length(certificate_subject) between 1 and 1000),
  add column certificate_bound_access_tokens boolean not null default false,
  add constraint clients_certificate check (
    (authentication = 'tls_client_auth') = (certificate_subject is not null)
      and (certificate_field is null) = (certificate_subject is null)
  ),
  add constraint clients_binding check (not (dpop_bound_access_tokens and certificate_bound_access_tokens));
