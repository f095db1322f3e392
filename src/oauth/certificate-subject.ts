import type { X509Certificate } from 'node:crypto';
import type { SubjectField } from '../clients/certificate.ts';
import { normalizeName } from '../clients/distinguished-name.ts';

/** Whether a certificate names what a client has registered in one of the fields of RFC 8705 section 2.1.2. */
export function hasSubject(certificate: X509Certificate, field: SubjectField, expected: string): boolean {
  const alone = { subject: 'never', wildcards: false, partialWildcards: false } as const;
  switch (field) {
    case 'tls_client_auth_subject_dn': {
      const name = normalizeName(subjectOf(certificate));
      return name !== undefined && name === normalizeName(expected);
    }
    case 'tls_client_auth_san_dns':
      return certificate.checkHost(expected, alone) !== undefined;
    case 'tls_client_auth_san_email':
      return certificate.checkEmail(expected, alone) !== undefined;
    case 'tls_client_auth_san_ip':
      return certificate.checkIP(expected) !== undefined;
    case 'tls_client_auth_san_uri':
      return urisOf(certificate).includes(expected);
  }
}

/** Node prints the outermost part first and a line for each; RFC 4514 has them the other way around. */
function subjectOf({ subject }: X509Certificate): string {
  return (subject ?? '').split('\n').reverse().join(',');
}

/** From the list as Node prints it: a name that could be mistaken for several is a JSON text, with its commas escaped. */
function urisOf({ subjectAltName = '' }: X509Certificate): string[] {
  const uris = subjectAltName.split(', ').filter((name) => name.startsWith('URI:'));
  return uris.map((name) => name.slice(4)).map((uri) => (uri.startsWith('"') ? JSON.parse(uri) : uri));
}
