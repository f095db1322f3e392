-- What somebody has let in, and who has let a program in, are lists in pages: each has its index in their order.
drop index grants_account_id;
drop index grants_client_id;
create index grants_account_id on grants (account_id, created_at, id_digest);
create index grants_client_id on grants (client_id, created_at, id_digest);
