import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import { normalizeName } from './distinguished-name.ts';
import type { PublicKeys } from './public-keys.ts';

/** The fields of a registration that say what a client's certificate names (RFC 8705 section 2.1.2). */
export const subjectFields = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;

/** One of `subjectFields`. */
export type SubjectField = (typeof subjectFields)[number];

/** What the certificate of a client must name. */
export type CertificateSubject = { field: SubjectField; value: string };

const isHostName = (text: string) =>
  text.length <= 253 &&
  /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/i.test(text);
const isUri = (text: string) => /^[!-~]+$/.test(text) && URL.canParse(text);
const isAddress = (text: string) => isIP(text) !== 0 && !text.includes('%');

/** The shape of `subjectFields`. */
export const subjectShape = {
  tls_client_auth_subject_dn: field(
    (text) => normalizeName(text) !== undefined,
    'write a name as RFC 4514 has it, such as CN=billing,O=Example Ltd,C=GB',
  ),
  tls_client_auth_san_dns: field(isHostName, 'write a host name without wildcards'),
  tls_client_auth_san_uri: field(isUri, 'write a URI such as spiffe://example.com/billing'),
  tls_client_auth_san_ip: field(isAddress, 'write an address such as 192.0.2.7'),
  tls_client_auth_san_email: field((text) => /^[!-?A-~]+@[!-?A-~]+$/.test(text), 'write an email address'),
};

/** The subject among the fields of a registration, if it has one. */
export function certificateSubject(
  given: Readonly<Partial<Record<SubjectField, string | undefined>>>,
): CertificateSubject | undefined {
  return subjectFields
    .map((name) => ({ field: name, value: given[name] }))
    .find((found): found is CertificateSubject => found.value !== undefined);
}

/** The public key of a certificate in PEM, with the certificate itself, as a client registers it (RFC 7517 section 4.7). */
export function certificateKey(pem: string): Record<string, unknown> {
  const { publicKey, raw } = new X509Certificate(pem);
  return { ...publicKey.export({ format: 'jwk' }), x5c: [raw.toString('base64')] };
}

/** Whether each key comes with a certificate for that very key. */
export function haveCertificates({ keys }: PublicKeys): boolean {
  return keys.every(({ x5c, ...key }) => {
    if (!Array.isArray(x5c) || typeof x5c[0] !== 'string') return false;
    try {
      const own = new X509Certificate(Buffer.from(x5c[0], 'base64')).publicKey.export({ format: 'jwk' });
      return Object.entries(own).every(([name, value]) => key[name] === value);
    } catch {
      return false;
    }
  });
}

function field(isGood: (text: string) => boolean, advice: string) {
  return z.string(advice).max(1000, 'write at most 1000 characters').refine(isGood, advice).optional();
}
