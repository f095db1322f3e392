-- Whether people may come with a link that has the device's code in it (RFC 8628 section 3.3.1), or must type it.
alter table clients add column verification_uri_complete boolean not null default true;
