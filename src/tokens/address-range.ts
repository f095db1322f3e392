import ipaddr from 'ipaddr.js';

/**
 * A well-formed address or range (CIDR) as callers' addresses are written, which it is compared with: IPv4 in the place of
 * IPv4-mapped IPv6. `undefined` for a range around the IPv4-mapped addresses that has others besides.
 */
export function normalRange(text: string): string | undefined {
  const [address = '', bits = '128'] = text.split('/');
  const parsed = ipaddr.process(address);
  if (!address.includes(':') || parsed.kind() === 'ipv6') return text;
  const length = Number(bits) - 96;
  return length < 0 ? undefined : `${parsed}/${length}`;
}
