import { isIPv4 } from 'node:net';

/** What a database of networks tells of one: maps and texts are all that the tests need. */
export type MmdbValue = string | { [name: string]: MmdbValue };

type Branch = [Child, Child];
type Child = Branch | { offset: number } | undefined;

/** A database in MaxMind's format (version 2.0) that tells `networks[prefix]` of the addresses in each prefix. */
export function writeMmdb(networks: Record<string, MmdbValue>): Buffer {
  const root: Branch = [undefined, undefined];
  const records: Buffer[] = [];
  let offset = 0;
  for (const [prefix, value] of Object.entries(networks)) {
    const record = encode(value);
    plant(root, bitsOf(prefix), { offset });
    records.push(record);
    offset += record.length;
  }
  const branches = listBranches(root);
  const tree = Buffer.concat(branches.flatMap((branch) => branch.map((child) => pointer(child, branches))));
  const metadata = encodeMap([
    ['node_count', number(6, 4, branches.length)],
    ['record_size', number(5, 2, 32)],
    ['ip_version', number(5, 2, 6)],
    ['database_type', encode('Test')],
    ['languages', Buffer.from([0x00, 0x04])],
    ['binary_format_major_version', number(5, 2, 2)],
    ['binary_format_minor_version', number(5, 2, 0)],
    ['build_epoch', number(9, 8, 1_700_000_000)],
    ['description', encode({ en: 'Test' })],
  ]);
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), ...records, marker, metadata]);
}

/** The bits of a prefix such as 192.0.2.0/24 or 2001:db8::/32; an IPv4 one lies below ::/96. */
function bitsOf(prefix: string): number[] {
  const [address = '', length = ''] = prefix.split('/');
  const isOld = isIPv4(address);
  const text = isOld ? bytesToBits(address.split('.').map(Number)) : bytesToBits(groupsOf(address));
  return isOld ? [...new Array(96).fill(0), ...text.slice(0, Number(length))] : text.slice(0, Number(length));
}

function groupsOf(address: string): number[] {
  const [head = '', tail = ''] = address.split('::');
  const read = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const [left, right] = [read(head), read(tail)];
  const groups = [...left, ...new Array(8 - left.length - right.length).fill(0), ...right];
  return groups.flatMap((group) => [group >> 8, group & 255]);
}

function bytesToBits(bytes: number[]): number[] {
  return bytes.flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1));
}

function plant(root: Branch, bits: number[], leaf: { offset: number }): void {
  let branch = root;
  for (const bit of bits.slice(0, -1)) {
    const next: Branch = Array.isArray(branch[bit]) ? branch[bit] : [undefined, undefined];
    branch[bit] = next;
    branch = next;
  }
  branch[bits.at(-1) ?? 0] = leaf;
}

function listBranches(branch: Branch): Branch[] {
  return [branch, ...branch.filter((child) => Array.isArray(child)).flatMap(listBranches)];
}

function pointer(child: Child, branches: Branch[]): Buffer {
  const bytes = Buffer.alloc(4);
  if (child === undefined) bytes.writeUInt32BE(branches.length);
  else if (Array.isArray(child)) bytes.writeUInt32BE(branches.indexOf(child));
  else bytes.writeUInt32BE(branches.length + 16 + child.offset);
  return bytes;
}

function encode(value: MmdbValue): Buffer {
  if (typeof value !== 'string')
    return encodeMap(Object.entries(value).map(([name, each]) => [name, encode(each)]));
  const bytes = Buffer.from(value);
  const size = bytes.length < 29 ? [(2 << 5) | bytes.length] : [(2 << 5) | 29, bytes.length - 29];
  return Buffer.concat([Buffer.from(size), bytes]);
}

function encodeMap(entries: [string, Buffer][]): Buffer {
  return Buffer.concat([
    Buffer.from([(7 << 5) | entries.length]),
    ...entries.flatMap(([name, value]) => [encode(name), value]),
  ]);
}

/** An unsigned integer of one of the format's types; those above 7 have their type in a byte of its own. */
function number(type: number, size: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  const control = type > 7 ? [size, type - 7] : [(type << 5) | size];
  return Buffer.concat([Buffer.from(control), bytes.subarray(8 - size)]);
}
