-- Clients whose tokens are always bound to a key (RFC 9449 section 5.2), and those whose proofs must carry a nonce of ours.
alter table clients
  add column dpop_bound_access_tokens boolean not null default false,
  add column require_dpop_nonce boolean not null default false;
