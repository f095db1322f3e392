-- When each text of a token was last used: whoever rotates a token sees when the old text is out of use.
alter table api_token_values
  add column last_used_at timestamptz,
  add column last_used_address inet,
  add column last_used_agent text check (length(last_used_agent) <= 200);
