import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** SHA-256 of a text or of bytes: what the database holds in place of a secret. */
export function sha256(value: string | Uint8Array): Buffer {
  return hash('sha256', value, 'buffer');
}

/** HMAC-SHA-256, for values too short to be safe under a plain digest (user codes). */
export function hmac(key: Uint8Array, value: string): Buffer {
  return createHmac('sha256', key).update(value).digest();
}

/** Compares in a time that does not depend on where the difference is. */
export function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Text of `length` base62 characters from the system's random source; 43 characters carry 256 bits. */
export function randomText(length = 43): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length + 16)) {
      // 248 = 4 × 62: taking higher bytes too would favour the first letters of the alphabet.
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}

/** A key of 32 bytes for one purpose, from the master secret or from a token's own text (HKDF-SHA-256, RFC 5869). */
export function deriveKey(material: string | Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, new Uint8Array(), `postern ${purpose}`, 32));
}

/** The master secrets, `[present, former…]`: the first one seals, each of them opens. */
export type MasterSecrets = readonly [string, ...string[]];

/** Keys for one purpose, one for each master secret, in their order. */
export type KeyChain = readonly [Buffer, ...Buffer[]];

/** `deriveKey` of each master secret. */
export function deriveKeys([present, ...former]: MasterSecrets, purpose: string): KeyChain {
  return [deriveKey(present, purpose), ...former.map((secret) => deriveKey(secret, purpose))];
}

/** The name of a master secret, for what it has sealed; tells nothing about the secret itself. */
export function nameOfSecret(masterSecret: string): string {
  return deriveKey(masterSecret, 'name').toString('hex').slice(0, 16);
}

/** AES-256-GCM: 12 bytes nonce, 16 bytes tag, ciphertext. `context` must be the same to open it. */
export function seal(key: Uint8Array, plain: Uint8Array | string, context = ''): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** The opposite of `seal`; `undefined` when the key, the context or a byte differs. */
export function open(key: Uint8Array, sealed: Uint8Array, context = ''): Buffer | undefined {
  if (sealed.length < 28) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(12, 28));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** `open` with the first key of a chain that can. */
export function openWithAny(keys: KeyChain, sealed: Uint8Array, context = ''): Buffer | undefined {
  for (const key of keys) {
    const plain = open(key, sealed, context);
    if (plain) return plain;
  }
  return undefined;
}

/**
 * `at` access token, `rt` refresh token, `dc` device code, `cs` client secret, `it` initial access token, `ra`
 * registration access token, `api` API token, `in` invitation.
 */
export type TokenKind = 'at' | 'rt' | 'dc' | 'cs' | 'it' | 'ra' | 'api' | 'in';

/** What a token's text says of itself, without any look-up. */
export type TokenText = { kind: TokenKind; issuedAt: Date };

/** Writes and reads `<prefix>_<kind>_<issue time, 6><random, 43><checksum, 6>`. */
export type TokenFormat = {
  issue(kind: TokenKind, at: Date): string;
  /** `undefined` for anything that this format did not write. Says nothing about validity. */
  parse(text: string): TokenText | undefined;
};

/** A token format for one prefix (lower-case letters and digits). The checksum is CRC-32 in base62, as GitHub's tokens have it. */
export function createTokenFormat(prefix: string): TokenFormat {
  const shape = new RegExp(
    `^${prefix}_(at|rt|dc|cs|it|ra|api|in)_([0-9A-Za-z]{6})[0-9A-Za-z]{43}([0-9A-Za-z]{6})$`,
  );
  return {
    issue(kind, at) {
      const body = `${prefix}_${kind}_${base62(Math.floor(at.getTime() / 1000))}${randomText()}`;
      return body + base62(crc32(body));
    },
    parse(text) {
      const match = shape.exec(text);
      if (!match) return undefined;
      const [, kind, time, checksum] = match as unknown as [string, TokenKind, string, string];
      if (base62(crc32(text.slice(0, -6))) !== checksum) return undefined;
      return { kind, issuedAt: new Date(fromBase62(time) * 1000) };
    },
  };
}

/** A signed JWT, whoever has signed it. Tried only where its dots are there: from every `eyJ` it would take seconds. */
const signedJwt = /(?<![\w-])(?=[\w-]+\.[\w-]{2,}\.[\w-]{16})[\w-]*?eyJ[\w-]{8,}\./;

/** Whether somewhere in a text there is a signed JWT, or a token of this format, under any prefix, with its right checksum. */
export function carriesToken(text: string): boolean {
  if (signedJwt.test(text)) return true;
  for (const { index } of text.matchAll(/_(?:at|rt|dc|cs|it|ra|api|in)_(?=[0-9A-Za-z]{55})/g)) {
    const [prefix = ''] = /[0-9a-z]{0,32}$/.exec(text.slice(Math.max(0, index - 32), index)) ?? [];
    const [rest = ''] = /_[a-z]+_[0-9A-Za-z]{55}/.exec(text.slice(index, index + 64)) ?? [];
    // What stands right before it may be letters too.
    for (let start = 0; start < prefix.length; start += 1) {
      const token = prefix.slice(start) + rest;
      if (base62(crc32(token.slice(0, -6))) === token.slice(-6)) return true;
    }
  }
  return false;
}

/** What to say to whoever has written one where it does not belong. */
export const tokenAdvice = 'this looks like a token; never write one where it is shown';

/** Six base62 digits hold 35.7 bits: any 32-bit checksum, and seconds until the year 3769. */
function base62(value: number): string {
  let text = '';
  for (let rest = value; text.length < 6; rest = Math.floor(rest / 62)) text = alphabet[rest % 62] + text;
  return text;
}

function fromBase62(text: string): number {
  let value = 0;
  for (const digit of text) value = value * 62 + alphabet.indexOf(digit);
  return value;
}
