import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Context, Middleware } from 'koa';

/** Whether an address is one of our own proxies, whose word about the caller counts. */
export type Trust = (address: string) => boolean;

// More hops than this are nobody's proxies: the walk must not cost what the sender of the header likes.
const mostHops = 16;

/** Trust in a list of addresses and CIDR ranges, which must be well-formed. */
export function createTrust(list: readonly string[]): Trust {
  const ranges = list.map(parseRange);
  return (text) => {
    const address = ranges.length > 0 ? parse(text) : undefined;
    return (
      address !== undefined &&
      ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
    );
  };
}

/** Puts the caller's address into `ctx.state.address`, for `addressOf`. */
export function clientAddress(trust: Trust): Middleware {
  return (ctx, next) => {
    ctx.state.address = findAddress(ctx.req.socket.remoteAddress, ctx.get('X-Forwarded-For'), trust);
    return next();
  };
}

/** The address that `clientAddress` found, in its normal form; an IPv4-mapped one as IPv4. */
export function addressOf(ctx: Pick<Context, 'state'>): string {
  return ctx.state.address;
}

/**
 * The last address that no proxy of ours vouches for, walking `X-Forwarded-For` from its right end. An entry that is
 * not an address ends the walk at the proxy that passed it on.
 */
export function findAddress(peer: string | undefined, forwardedFor: string, trust: Trust): string {
  let address = readAddress(peer) ?? '0.0.0.0';
  let end = forwardedFor.length;
  for (let hop = 0; hop < mostHops && end > 0 && trust(address); hop += 1) {
    const start = forwardedFor.lastIndexOf(',', end - 1) + 1;
    const next = readAddress(withoutPort(forwardedFor.slice(start, end)));
    if (next === undefined) break;
    address = next;
    end = start - 1;
  }
  return address;
}

/** The network that counts as one caller: an IPv4 address alone, an IPv6 /56 (what one household is given). */
export function addressPrefix(address: string): string {
  const parsed = parse(address);
  if (parsed === undefined) return address;
  const bytes = parsed.toByteArray();
  if (parsed.kind() === 'ipv4') return `${parsed}/32`;
  return `${ipaddr.fromByteArray(bytes.fill(0, 7))}/56`;
}

type Address = ReturnType<typeof ipaddr.process>;

function parse(text: string): Address | undefined {
  // Node's check first: ipaddr.js also takes octal, hexadecimal and shortened spellings.
  const bare = text.split('%', 1)[0] ?? '';
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

/** An address in its normal form, an IPv4-mapped one as IPv4; `undefined` for what is no address. */
export function readAddress(text: string | undefined): string | undefined {
  return text === undefined ? undefined : parse(text)?.toString();
}

function withoutPort(entry: string): string | undefined {
  const text = entry.trim();
  if (text.length > 64) return undefined;
  const match = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text);
  return match ? (match[1] ?? match[2]) : text;
}

function parseRange(text: string): [Address, number] {
  if (!text.includes('/')) {
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  }
  const [network, bits] = ipaddr.parseCIDR(text);
  const folded = ipaddr.process(network.toString());
  return [folded, folded.kind() === network.kind() ? bits : Math.max(bits - 96, 0)];
}
