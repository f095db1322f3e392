-- Whether the server's own metadata names the resource to anybody who asks (RFC 9728 section 4).
alter table resources add column listed boolean not null default false;
