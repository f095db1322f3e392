-- A caller's address is always in its normal form, an IPv4-mapped one as IPv4; so are the ranges that it is compared with.
update api_tokens set address_ranges = array(
  select case
    when range <<= '::ffff:0:0/96' then
      set_masklen('0.0.0.0'::inet + (host(range)::inet - '::ffff:0:0'::inet), masklen(range) - 96)::cidr
    else range
  end
  from unnest(address_ranges) as range
)
where '::ffff:0:0/96' >>= any (address_ranges);

alter table api_tokens add constraint api_tokens_address_ranges_normal
  check (not ('::ffff:0:0/96' >>= any (address_ranges)));
