import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '../errors.ts';
import { isValidNow } from '../http/client-certificate.ts';

const clientAuthentication = '1.3.6.1.5.5.7.3.2';

/**
 * Whether one of the authorities has issued a certificate itself, for clients (RFC 5280 section 4.2.1.12), and may still
 * do so. No chain is built: an intermediate authority vouches for a certificate only where it is itself on the list.
 */
export function isIssuedBy(authorities: readonly X509Certificate[], certificate: X509Certificate): boolean {
  // What Node calls the key usage is the extended one.
  const usage = certificate.keyUsage as string[] | undefined;
  if (usage !== undefined && !usage.includes(clientAuthentication)) return false;
  return authorities.some(
    (authority) =>
      isValidNow(authority) && certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );
}

/** The authorities in a PEM file, one at least; AppError `configuration` where it holds none, or another certificate. */
export function loadAuthorities(path: string): X509Certificate[] {
  const advice = `POSTERN_TLS_CLIENT_CA: write the path of a file with certificates of authorities alone, not ${path}`;
  try {
    const texts =
      readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const authorities = texts.map((text) => new X509Certificate(text));
    if (authorities.length > 0 && authorities.every(({ ca, publicKey }) => ca && publicKey))
      return authorities;
  } catch (cause) {
    throw new AppError('configuration', advice, { cause });
  }
  throw new AppError('configuration', advice);
}
