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

/** Whether every address of the ranges is in one of the others; no ranges at all stand for every address. */
export function isWithinRanges(ranges: readonly string[], others: readonly string[]): boolean {
  if (others.length === 0) return true;
  const outer = others.map(parseRange);
  return (
    ranges.length > 0 && ranges.map(parseRange).every((inner) => outer.some((range) => holds(range, inner)))
  );
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;

function parseRange(text: string): Range {
  const range = normalRange(text) ?? text;
  if (range.includes('/')) return ipaddr.parseCIDR(range);
  const address = ipaddr.process(range);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function holds([network, bits]: Range, [address, innerBits]: Range): boolean {
  return network.kind() === address.kind() && bits <= innerBits && address.match(network, bits);
}
