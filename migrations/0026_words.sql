-- The language that a person has chosen for pages and mail (BCP 47); null: as each browser asks.
alter table users add column language text check (language ~ '^[a-z]{2,8}(-[A-Za-z0-9]{1,8})*$');
