-- What is got in exchange for a token names the text that it was got for; a digest would let others try guesses at a
-- secret of an earlier system.
alter table api_token_values add column id uuid not null unique default gen_random_uuid();
