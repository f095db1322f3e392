import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { pem, sequence, tlv } from './certificate.ts';

/** A certificate of a test with its private key. */
export type Identity = {
  name: Buffer;
  keys: { publicKey: KeyObject; privateKey: KeyObject };
  certificate: X509Certificate;
  cert: string;
  key: string;
  /** The SHA-256 of the certificate as `x5t#S256` has it (RFC 8705 section 3.1). */
  thumbprint: string;
};

/** One or more attributes of a name that belong together, such as `['CN=Ada', 'UID=7']`; nothing is escaped. */
export type RelativeName = string[];

/** What a certificate says; what is left out is as in any honest one. */
export type CertificateOptions = {
  /** Its common name, or its whole name with the outermost part first. */
  subject?: string | RelativeName[];
  /** Who signs; itself unless told otherwise. */
  issuer?: Identity;
  keys?: Identity['keys'];
  isAuthority?: boolean;
  /** In days from now. */
  validity?: [from: number, to: number];
  /** Object identifiers of what it may be used for. */
  extendedKeyUsage?: string[];
  alternatives?: Buffer[];
};

/** Other names of a subject (RFC 5280 section 4.2.1.6). */
export const alternative = {
  email: (text: string) => tlv(0x81, Buffer.from(text)),
  dns: (text: string) => tlv(0x82, Buffer.from(text)),
  uri: (text: string) => tlv(0x86, Buffer.from(text)),
  ip: (...bytes: number[]) => tlv(0x87, Buffer.from(bytes)),
};

/** Makes a certificate: self-signed, or issued by another. */
export function makeCertificate(options: CertificateOptions = {}): Identity {
  const keys = options.keys ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { subject = 'client', validity = [-1, 1], alternatives = [], extendedKeyUsage = [] } = options;
  const name = nameOf(typeof subject === 'string' ? [[`CN=${subject}`]] : subject);
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const truth = tlv(0x01, Buffer.from([255]));
  const extensions = [
    options.isAuthority && extension('2.5.29.19', sequence(truth), truth),
    options.isAuthority && extension('2.5.29.15', tlv(0x03, Buffer.from([1, 6])), truth),
    extendedKeyUsage.length > 0 && extension('2.5.29.37', sequence(...extendedKeyUsage.map(oid))),
    alternatives.length > 0 && extension('2.5.29.17', sequence(...alternatives)),
  ].filter((one): one is Buffer => one instanceof Buffer);
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))), // version 3
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    options.issuer?.name ?? name,
    sequence(...validity.map(timeInDays)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [tlv(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', body, options.issuer?.keys.privateKey ?? keys.privateKey);
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    name,
    keys,
    certificate: new X509Certificate(der),
    cert: pem('CERTIFICATE', der),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    thumbprint: createHash('sha256').update(der).digest('base64url'),
  };
}

/** The public key of a certificate with the certificate in it, as a client registers it (RFC 7517 section 4.7). */
export function certificateJwk({ keys, certificate }: Identity): Record<string, unknown> {
  return { ...keys.publicKey.export({ format: 'jwk' }), x5c: [certificate.raw.toString('base64')] };
}

const types: Record<string, string> = {
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  UID: '0.9.2342.19200300.100.1.1',
  emailAddress: '1.2.840.113549.1.9.1',
};

function nameOf(rdns: RelativeName[]): Buffer {
  const parts = rdns.map((attributes) => {
    const pairs = attributes.map((attribute) => {
      const [, type = '', value = ''] = /^([^=]*)=(.*)$/s.exec(attribute) ?? [];
      return sequence(oid(types[type] ?? type), tlv(0x0c, Buffer.from(value)));
    });
    return tlv(0x31, Buffer.concat(pairs.sort(Buffer.compare)));
  });
  return sequence(...parts);
}

function extension(id: string, value: Buffer, ...critical: Buffer[]): Buffer {
  return sequence(oid(id), ...critical, tlv(0x04, value));
}

function timeInDays(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tlv(0x18, Buffer.from(text));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [40 * first + second, ...rest].flatMap((part) => {
    const digits = [part & 127];
    for (let high = part >> 7; high > 0; high >>= 7) digits.unshift((high & 127) | 128);
    return digits;
  });
  return tlv(0x06, Buffer.from(bytes));
}
