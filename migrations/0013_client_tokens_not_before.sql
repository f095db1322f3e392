-- Tokens that a client got before this instant are inactive.
alter table clients add column tokens_not_before timestamptz;
